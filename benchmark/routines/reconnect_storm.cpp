// The network between agents and manager is cut and mended; how long until every session is back.
#include "benchmark/routines/routine.hpp"
#include "core/rng.hpp"
#include "core/work_queue.hpp"
#include "net/child_processes.hpp"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <mutex>
#include <optional>

namespace csim {
namespace {

constexpr Duration back_within = 180s;
constexpr Duration loss_within = 60s;
constexpr Duration restart_within = 120s;
constexpr const char* not_back = "not every session was back after 180 s";

std::int64_t sessions(Bench& bench) {
    return bench.cluster("simulator_info").value("sessions_open", std::int64_t(0));
}

/// Sessions once their number has stopped growing.
std::int64_t settled_sessions(Bench& bench) {
    std::int64_t last = -1;
    int same = 0;
    bench.until(
        [&] {
            const std::int64_t now = sessions(bench);
            same = now == last && now > 0 ? same + 1 : 0;
            last = now;
            return same >= 10;
        },
        30s
    );
    return last;
}

/// Runs the command to its end, in a session of its own: what it leaves behind is to stay. Returns what went
/// wrong in one sentence, or nothing.
std::string restart_manager(Bench& bench) {
    WorkQueue inbox;
    ChildProcesses children(inbox);
    std::optional<Result<ChildOutput>> ended;
    children.run(
        {"setsid", "--wait", "/bin/sh", "-c", bench.options().restart}, restart_within,
        [&](Result<ChildOutput> output) { ended = std::move(output); }
    );
    bench.until(
        [&] {
            inbox.run();
            return ended.has_value();
        },
        restart_within + 5s
    );
    if (!ended) return "the restart command did not end";
    if (!*ended) return "the restart command failed: " + ended->error().detail;
    const ChildOutput& output = **ended;
    if (output.exit_status == 0) return {};
    const std::string said = output.text.substr(0, output.text.find_last_not_of("\n") + 1);
    return "the restart command ended with status " + std::to_string(output.exit_status) + ": " + said;
}

struct Round {
    std::string name;
    bool spread = false;  ///< mended one after the other instead of all at once
};

class Storm {
  public:
    Storm(Bench& bench, Outcome& outcome) : bench_(bench), outcome_(outcome), rng_(1) {
        const auto& all = bench.fqdns();
        const int cut = bench.options().cut == 0 ? bench.size() : std::min(bench.options().cut, bench.size());
        victims_.assign(all.begin(), all.begin() + cut);
    }

    /// The manager goes and comes back; its agents find out by themselves.
    void run_restart() {
        Step step;
        step.servers = bench_.size();
        const std::int64_t before = settled_sessions(bench_);
        bench_.monitor().set_phase("restart");
        bench_.say("restarting the manager: " + bench_.options().restart);
        bench_.monitor().expect_restart(true);
        const double began = steady_seconds();
        std::string failure = restart_manager(bench_);
        if (!failure.empty()) outcome_.partial = true;  // nothing was measured
        step.details["command_seconds"] = steady_seconds() - began;
        const bool answers = bench_.until([&] { return bench_.manager_answers(); }, back_within);
        step.details["answering_seconds"] = steady_seconds() - began;
        bench_.pause(1s);  // for the watcher to find the new process
        bench_.monitor().expect_restart(false);
        bench_.monitor().mark();  // what probes met meanwhile is what a restart is
        if (failure.empty() && !answers) failure = "the manager did not answer again within 180 s";
        const double took = failure.empty() ? until_back(before, began) : 0;
        if (failure.empty() && took == 0) failure = not_back;
        step.details["sessions"] = static_cast<double>(before);
        finish({"restart"}, step, failure, took);
    }

    void run(const Round& round) {
        Step step;
        step.servers = bench_.size();
        const std::int64_t before = settled_sessions(bench_);
        bench_.monitor().set_phase("cut");
        bench_.say("cutting the network of " + std::to_string(victims_.size()) + " servers: " + round.name);
        set_fault("refuse");
        const double cut_at = steady_seconds();
        const std::int64_t left = wait_for_loss(before);
        step.details["cut_seconds"] = steady_seconds() - cut_at;
        bench_.monitor().set_phase("mended, " + round.name);
        bench_.monitor().mark();
        const double began = steady_seconds();
        mend(round.spread);
        const double mended = steady_seconds();
        const bool back = bench_.until([&] { return sessions(bench_) >= before; }, back_within);
        const double took = steady_seconds() - began;
        step.details["sessions"] = static_cast<double>(before);
        step.details["sessions_during_the_cut"] = static_cast<double>(left);
        step.details["mending_seconds"] = mended - began;
        step.details["back_seconds"] = took;
        finish(round, step, back ? "" : not_back, took);
    }

  private:
    /// Seconds since `began` until every session is open again, 0 when that does not come. Sessions that died
    /// with the manager count until their agents notice; those of a manager that keeps them never close.
    double until_back(std::int64_t before, double began) {
        const double answered = steady_seconds() - began;
        if (!bench_.until([&] { return sessions(bench_) < before; }, loss_within)) return answered;
        const bool back = bench_.until([&] { return sessions(bench_) >= before; }, back_within);
        return back ? steady_seconds() - began : 0;
    }

    /// The cut lasts at least `outage`, and until its agents know: an open long poll does not feel it.
    std::int64_t wait_for_loss(std::int64_t before) {
        bench_.pause(bench_.options().outage);
        const auto all = static_cast<std::int64_t>(bench_.size());
        const std::int64_t expected =
            before - before * static_cast<std::int64_t>(victims_.size()) / std::max<std::int64_t>(all, 1);
        bench_.until([&] { return sessions(bench_) <= expected; }, loss_within);
        return sessions(bench_);
    }

    void set_fault(const char* mode) {
        if (static_cast<int>(victims_.size()) == bench_.size()) {
            bench_.cluster("network_fault", Json::array({"", mode}));
            return;
        }
        for (const std::string& fqdn : victims_) bench_.cluster("network_fault", Json::array({fqdn, mode}));
    }

    void mend(bool spread) {
        if (!spread) return set_fault("none");
        // A fault of all together is first made one of each, which changes nothing for any of them.
        for (const std::string& fqdn : victims_)
            bench_.cluster("network_fault", Json::array({fqdn, "refuse"}));
        bench_.cluster("network_fault", Json::array({"", "none"}));
        std::vector<double> at;
        const double over = std::chrono::duration<double>(bench_.options().spread).count();
        for (std::size_t i = 0; i < victims_.size(); ++i) at.push_back(over * rng_.unit());
        std::sort(at.begin(), at.end());
        const double began = steady_seconds();
        for (std::size_t i = 0; i < victims_.size(); ++i) {
            const double wait = at[i] - (steady_seconds() - began);
            if (wait > 0) bench_.pause(Duration(static_cast<std::int64_t>(wait * 1e9)));
            bench_.cluster("network_fault", Json::array({victims_[i], "none"}));
        }
    }

    void finish(const Round& round, Step& step, const std::string& failure, double took) {
        step.seconds = took;
        try {
            if (!failure.empty()) throw StepFailed(failure);
            check_health(bench_, {}, step);
            step.passed = true;
        } catch (const StepFailed& failed) {
            step.reason = failed.what();
            outcome_.failed = true;
            if (!bench_.manager_answers()) outcome_.broken = true;
        }
        char line[200];
        std::snprintf(
            line, sizeof line, "%s: %.0f sessions back after %.1f s, p99 of the API meanwhile %.1f ms. ",
            round.name.c_str(), step.details["sessions"], took, bench_.monitor().marked().p99_ms
        );
        outcome_.verdict += line + (step.reason.empty() ? "" : step.reason + ". ");
        bench_.say(line + step.reason);
        outcome_.figures["reconnect." + round.name + ".max"] = took * 1000;
        outcome_.steps.push_back(std::move(step));
    }

    Bench& bench_;
    Outcome& outcome_;
    Rng rng_;
    std::vector<std::string> victims_;
};

}  // namespace

void run_reconnect_storm(Bench& bench, Outcome& outcome) {
    bench.monitor().set_phase("setup");
    bench.grow_to(bench.options().servers, true, 2);
    bench.pause(bench.options().warm_up);
    bench.monitor().begin_measurement();
    Storm storm(bench, outcome);
    if (bench.options().restart.empty()) {
        for (const Round& round : {Round{"together", false}, Round{"spread", true}}) {
            if (!outcome.broken) storm.run(round);
        }
    } else {
        storm.run_restart();
    }
    outcome.stop_reason = outcome.broken    ? "the manager does not answer any more"
                          : outcome.partial ? "the restart command failed"
                                            : "done";
}

}  // namespace csim
