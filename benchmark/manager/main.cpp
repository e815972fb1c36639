// Measures the embedded manager as a program: answers to REST requests while agents are parked and report,
// what that costs it, and how long a filesystem of many OSTs takes.
#include "benchmark/bench_report.hpp"
#include "benchmark/manager/cluster.hpp"
#include "core/result.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <thread>

namespace csim {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// What a page or a benchmark client asks for.
const std::vector<std::string>& requests() {
    static const std::vector<std::string> paths{
        "api/session/",
        "api/host/?limit=20",
        "api/host/?limit=20&offset=100",
        "api/host/?fqdn=test000.localdomain",
        "api/host/?fqdn__startswith=test00&order_by=-fqdn",
        "api/volume/?limit=20",
        "api/target/?limit=20",
        "api/alert/?active=True",
        "api/command/?limit=20",
        "api/lnet_configuration/?host__fqdn=test001.localdomain",
        "api/system_status/",
    };
    return paths;
}

double percentile(std::vector<double>& sorted, double share) {
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

/// Requests leave at a fixed rate; one that is held up holds up those after it, and that counts, too.
void measure_requests(BenchReport& report, BenchCluster& cluster, const std::string& name, double span_s) {
    constexpr auto pause = 20ms;
    std::vector<double> latencies;
    const auto start = Clock::now();
    const double cpu_before = cluster.manager_cost().cpu_seconds;
    for (int sent = 0; seconds_since(start) < span_s; ++sent) {
        const auto intended = start + sent * pause;
        const auto early = std::chrono::duration_cast<std::chrono::milliseconds>(intended - Clock::now());
        if (early > 0ms) pause_for(early);
        (void)cluster.get(requests()[static_cast<std::size_t>(sent) % requests().size()]);
        latencies.push_back(seconds_since(intended) * 1e3);
    }
    const double cores = (cluster.manager_cost().cpu_seconds - cpu_before) / seconds_since(start);
    std::sort(latencies.begin(), latencies.end());
    report.add({name + "_requests", static_cast<double>(latencies.size()), "requests"});
    report.add({name + "_p50", percentile(latencies, 0.5), "ms"});
    report.add({name + "_p99", percentile(latencies, 0.99), "ms", 50});
    report.add({name + "_max", percentile(latencies, 1), "ms"});
    // Answering is part of it; parked and reporting agents alone are measured apart.
    report.add({"cores_" + name, cores, "cores"});
}

/// Somebody asks for everything, again and again, as dashboards and the original's benchmark do.
class LongLists {
  public:
    explicit LongLists(BenchCluster& cluster) : client_(cluster.another_client()) {
        thread_ = std::thread([this] { ask(); });
    }
    ~LongLists() { stop(); }
    /// Seconds of the longest one, and how many were answered.
    std::pair<double, int> stop() {
        over_ = true;
        if (thread_.joinable()) thread_.join();
        return {longest_s_, answered_};
    }

  private:
    void ask() {
        while (!over_) {
            for (const char* path : {"api/host/?limit=0", "api/volume/?limit=0", "api/target/?limit=0"}) {
                const auto begun = Clock::now();
                const auto reply = client_->get(path);
                if (!reply || !reply->ok() || over_) return;
                longest_s_ = std::max(longest_s_, seconds_since(begun));
                ++answered_;
            }
            pause_for(1s);
        }
    }

    std::unique_ptr<BlockingRestClient> client_;
    std::atomic<bool> over_{false};
    double longest_s_ = 0;
    int answered_ = 0;
    std::thread thread_;
};

void measure_beside_long_lists(BenchReport& report, BenchCluster& cluster, double span_s) {
    LongLists lists(cluster);
    measure_requests(report, cluster, "rest_beside_long_lists", span_s);
    const auto [longest_s, answered] = lists.stop();
    if (answered == 0) throw Fatal("no long list was answered");
    report.add({"longest_list", longest_s, "s"});
}

void measure_idle(BenchReport& report, BenchCluster& cluster, double span_s) {
    const auto start = Clock::now();
    const double cpu_before = cluster.manager_cost().cpu_seconds;
    while (seconds_since(start) < span_s) {
        (void)cluster.get("api/session/");
        pause_for(1s);
    }
    const double cores = (cluster.manager_cost().cpu_seconds - cpu_before) / seconds_since(start);
    report.add({"cores_while_agents_report", cores, "cores", 1});
    report.add({"manager_memory", static_cast<double>(cluster.manager_cost().resident_bytes) / 1e6, "MB"});
}

Json volume_of(const Json& volume) {
    return Json{{"volume_id", volume["id"]}, {"conf_params", Json::object()}};
}

void measure_filesystem(BenchReport& report, BenchCluster& cluster, int osts) {
    const Json volumes = cluster.get("api/volume/?category=usable&limit=0")["objects"];
    if (static_cast<int>(volumes.size()) < osts + 2)
        throw Fatal("there are only " + std::to_string(volumes.size()) + " usable volumes");
    Json list = Json::array();
    for (int i = 0; i < osts; ++i) list.push_back(volume_of(volumes[static_cast<std::size_t>(i + 2)]));
    const Json body{
        {"name", "bench"},
        {"mgt", {{"volume_id", volumes[0]["id"]}}},
        {"mdts", Json::array({volume_of(volumes[1])})},
        {"osts", std::move(list)},
        {"conf_params", Json::object()}};
    const auto start = Clock::now();
    const Json made = cluster.post("api/filesystem/", body, 202);
    report.add({"filesystem_planned", seconds_since(start), "s"});
    cluster.complete(made["command"], 900s);
    report.add({"filesystem_osts", static_cast<double>(osts), "OSTs"});
    report.add({"filesystem_created", seconds_since(start), "s", 30});
}

int run(const std::vector<std::string>& arguments) {
    const int agents = std::stoi(bench_option(arguments, "--agents").value_or("200"));
    const int osts = std::stoi(bench_option(arguments, "--osts").value_or("1000"));
    const double span_s = std::stod(bench_option(arguments, "--seconds").value_or("20"));
    BenchReport report;
    report.add_command(
        "./dev bench manager --agents " + std::to_string(agents) + " --osts " + std::to_string(osts) +
        " --seconds " + std::to_string(static_cast<int>(span_s))
    );
    const auto start = Clock::now();
    BenchCluster cluster({agents, osts + 2});
    cluster.settle(agents, 1800s);
    report.add({"registered_and_set_up", seconds_since(start), "s"});
    measure_idle(report, cluster, span_s);
    report.add({"agents", static_cast<double>(agents), "agents"});
    measure_requests(report, cluster, "rest", span_s);
    measure_beside_long_lists(report, cluster, span_s);
    if (osts > 0) measure_filesystem(report, cluster, osts);
    report.deliver(arguments);
    return report.all_met() ? 0 : 1;
}

}  // namespace
}  // namespace csim

int main(int argc, char** argv) {
    try {
        return csim::run({argv + 1, argv + argc});
    } catch (const std::exception& failure) {
        std::cerr << "bench_manager: " << failure.what() << "\n";
        return 2;
    }
}
