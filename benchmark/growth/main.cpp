// How long one event of the world takes while a cluster of a thousand living servers changes as a whole.
// Counted in processor time of the world's thread, so that a busy machine does not spoil it; saving included,
// with a real state folder. The lag is how late events are, as the loop of a live world counts it, on a core
// of its own: the wall moves on by what each event costs, or to when the next one is due.
#include "benchmark/bench_report.hpp"
#include "benchmark/connections/throwaway_authority.hpp"
#include "benchmark/growth/silent_network.hpp"
#include "core/trace.hpp"
#include "core/work_queue.hpp"
#include "sim/control/control_api.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ctime>
#include <deque>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <optional>
#include <stdlib.h>

namespace csim {
namespace {

constexpr int servers = 1000;
constexpr double stall_ms_max = 100;

double thread_ms() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

struct Folder {
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "csim-growth-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw Fatal("cannot make a temporary folder");
        path = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    std::filesystem::path path;
};

struct World1000 {
    World1000() : store(open_directory(folder.path / "state", inbox, {})), documents(*store) {
        SimulatorOptions options;
        options.key_threads = 1;
        simulator = std::make_unique<ClusterSimulator>(
            ClusterSimulator::Peers{timeline, inbox, documents, trace, network, Rng(1)}, std::move(options)
        );
        api = std::make_unique<ControlApi>(
            ControlScope{*simulator, network, timeline, "https://manager/", "", [] { return Lag{}; }},
            documents
        );
        documents.save_all();
    }

    /// Something that the world's thread does now, and what is saved after it: the wall goes on meanwhile.
    void work(UniqueFunction<void()> what) {
        timeline.follow(wall);
        const double begun = thread_ms();
        what();
        inbox.run_within(std::chrono::nanoseconds(0));
        documents.save_all();
        const double took = thread_ms() - begun;
        wall = wall + Duration(static_cast<std::int64_t>(took * 1e6));
        slice_ms_max = std::max(slice_ms_max, took);
    }
    /// The next event, as late as what came before makes it.
    void step() {
        const SimTime due = *timeline.next_due();
        wall = std::max(wall, due);
        lag_ms_max = std::max(lag_ms_max, std::chrono::duration<double, std::milli>(wall - due).count());
        work([this] { timeline.run_next(); });
    }
    void run_for(Duration span) {
        const SimTime end = wall + span;
        while (timeline.next_due() && *timeline.next_due() <= end) step();
        wall = std::max(wall, end);
        timeline.follow(wall);
    }
    void forget_figures() {
        slice_ms_max = 0;
        lag_ms_max = 0;
    }
    /// An operation, its answer, and a round of reports after it.
    void measure(BenchReport& report, const std::string& method, const Json& params) {
        forget_figures();
        std::optional<Result<Answer>> answer;
        work([&] {
            api->call({method, params}, [&](Result<Answer> result) { answer = std::move(result); });
        });
        while (!answer || !answer->has_value()) {
            if (answer) throw Fatal(method + ": " + answer->error().detail);
            run_for(1ms);
            work([] {});
        }
        run_for(11s);
        add(report, method);
    }
    void add(BenchReport& report, const std::string& name) {
        report.add({name + "_slice_max", slice_ms_max, "ms", stall_ms_max});
        report.add({name + "_lag_max", lag_ms_max, "ms", stall_ms_max});
    }
    std::vector<std::string> names() {
        std::vector<std::string> all;
        for (const FakeServer* node : simulator->world().nodes()) all.push_back(node->fqdn());
        return all;
    }

    Folder folder;
    Timeline timeline{wall_now()};
    WorkQueue inbox;
    std::unique_ptr<StateStore> store;
    Documents documents;
    Trace trace{timeline};
    ThrowawayPair identity = ThrowawayAuthority().client("everybody.localdomain", 7);
    SilentNetwork network{timeline, identity.certificate};
    std::unique_ptr<ClusterSimulator> simulator;
    std::unique_ptr<ControlApi> api;
    SimTime wall = timeline.now();
    double slice_ms_max = 0;
    double lag_ms_max = 0;
};

int run(const std::vector<std::string>& arguments) {
    BenchReport report;
    report.add_command("./dev bench growth");
    World1000 world;
    if (const auto made = world.simulator->world().create({.server_count = 4, .worker_count = 0}); !made)
        throw Fatal(made.error().detail);
    world.measure(report, "add_su", Json::array({servers, 2 * servers, 2}));
    for (const std::string& fqdn : world.names())
        world.simulator->credentials().put_key(fqdn, world.identity.key);
    world.measure(report, "register_many", Json::array({world.names(), "secret"}));
    world.forget_figures();
    world.run_for(30s);
    world.add(report, "nothing");
    world.measure(report, "add_server", Json::array({2}));
    world.measure(report, "update_packages", Json::array({{{"lustre", {0, "2.9.0", "1", "x86_64"}}}}));
    world.forget_figures();
    for (const std::string& fqdn : world.names())
        world.api->call({"set_log_rate", Json::array({fqdn, 100})}, [](const Result<Answer>&) {});
    world.run_for(31s);
    world.add(report, "set_log_rate_100");
    world.measure(report, "stop", Json::array());
    world.measure(report, "start_all", Json::array());
    world.measure(report, "simulator_status", Json::array());
    world.measure(report, "remove_server", Json::array({world.names().front()}));
    world.measure(report, "remove_all_servers", Json::array());
    report.deliver(arguments);
    return report.all_met() ? 0 : 1;
}

}  // namespace
}  // namespace csim

int main(int argc, char** argv) {
    try {
        return csim::run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
}
