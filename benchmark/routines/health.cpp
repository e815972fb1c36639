#include "benchmark/routines/health.hpp"

#include "benchmark/measure/attribution.hpp"

#include <cstdio>

namespace csim {
namespace {

constexpr double error_rate_max = 0.01;

void wait_for_queues(Bench& bench, const std::map<std::string, QueueSample>& baseline, Step& step) {
    const double began = steady_seconds();
    std::map<std::string, std::string> behind;
    const auto drained = [&] {
        const auto now = bench.queues();
        if (now.empty()) return true;
        behind = backed_up_queues(baseline, now, static_cast<double>(bench.size()));
        return behind.empty();
    };
    const bool well = bench.until(drained, bench.options().settle);
    step.drain_ms = (steady_seconds() - began) * 1000;
    if (!well) throw StepFailed(behind.begin()->second);
}

void wait_for_contact(Bench& bench) {
    std::int64_t lost = 0;
    const auto all_there = [&] {
        lost = bench.total("api/alert/?active=True&alert_type=HostContactAlert&limit=1");
        return lost == 0;
    };
    if (!bench.until(all_there, bench.options().settle))
        throw StepFailed("the manager has lost contact with " + std::to_string(lost) + " hosts");
}

/// How long the manager takes to have one server tell its devices.
void try_action(Bench& bench, Step& step) {
    const Json hosts = bench.get("api/host/?limit=1");
    if (!hosts.contains("objects") || hosts["objects"].empty()) return;
    const double began = steady_seconds();
    const RestReply reply = bench.send(
        "POST", "api/command/",
        {{"message", "Benchmark asking a server for its devices"},
         {"jobs",
          Json::array(
              {{{"class_name", "UpdateDevicesJob"}, {"args", {{"host_id", hosts["objects"][0]["id"]}}}}}
          )}}
    );
    if (reply.status == 400) return;  // a manager that has no such job
    if (!reply.ok()) throw StepFailed("a command was answered with status " + std::to_string(reply.status));
    bench.wait_for_commands({reply.json().at("resource_uri").get<std::string>()});
    step.action_ms = (steady_seconds() - began) * 1000;
    const double limit = std::chrono::duration<double, std::milli>(bench.options().action_limit).count();
    if (step.action_ms > limit) {
        char line[120];
        std::snprintf(line, sizeof line, "an action took %.0f ms, more than %.0f ms", step.action_ms, limit);
        throw StepFailed(line);
    }
}

void judge_probes(Bench& bench, Step& step) {
    const MarkedFigures seen = bench.monitor().marked();
    step.p50_ms = seen.p50_ms, step.p99_ms = seen.p99_ms;
    const double all = static_cast<double>(seen.requests);
    step.error_rate = all > 0 ? static_cast<double>(seen.failures) / all : 0;
    char line[160];
    if (step.error_rate > error_rate_max) {
        std::snprintf(
            line, sizeof line, "%.1f %% of %.0f probes of the API failed", 100 * step.error_rate, all
        );
        throw StepFailed(line);
    }
    const double limit = std::chrono::duration<double, std::milli>(bench.options().latency_limit).count();
    if (step.p99_ms > limit) {
        std::snprintf(line, sizeof line, "p99 of the API was %.0f ms, more than %.0f ms", step.p99_ms, limit);
        throw StepFailed(line);
    }
}

}  // namespace

void check_health(Bench& bench, const std::map<std::string, QueueSample>& baseline, Step& step) {
    wait_for_queues(bench, baseline, step);
    wait_for_contact(bench);
    try_action(bench, step);
    judge_probes(bench, step);
}

}  // namespace csim
