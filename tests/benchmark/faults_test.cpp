// The embedded manager breaks on purpose, and the benchmark must say what it was.
#include "tests/benchmark/benchmark_stage.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("benchmark/faults");

using namespace csim;

TEST_CASE("injected faults of a manager are found and named") {
    struct Fault {
        const char* what;
        Words manager;
        Words benchmark;
        std::string named;
        /// Time itself is the evidence: a benchmark that was the bottleneck must say so instead.
        bool by_time = false;
    };
    const std::vector<Fault> faults{
        {"a fixed delay for each host",
         {"--fault_delay_per_host", "20"},
         {"--servers", "4", "server_count_limit", "--max_servers", "12", "--step_hold", "1s", "--log_rate",
          "0"},
         "delay_per_host"},
        {"a queue that drains slowly",
         {"--fault_drain_rate", "0.5"},
         {"--servers", "4", "--stop_at_limit", "steady_state", "--hold", "90s", "--log_rate", "4000"},
         "queue:agent_systemd_journal_rx"},
        {"a limit of descriptors",
         {"--fault_descriptors", "20"},
         {"--servers", "16", "--stop_at_limit", "concurrent_registration_limit", "--max_servers", "16"},
         "manager_descriptors"},
        // A leak fills it at the rate of the probes, which is constant: a tenth of it each second.
        {"a limit of memory",
         {"--fault_memory", "64", "--fault_leak", "96"},
         {"--servers", "4", "--probe_rate", "10", "--stop_at_limit", "steady_state", "--hold", "90s"},
         "manager_memory"},
    };
    // What broke may never remove its hosts; that is not what is asked here.
    const Words limited{"--cleanup_limit", "2s"};
    // Side by side: all of them mostly wait.
    std::vector<std::unique_ptr<BenchmarkStage>> stages;
    std::vector<std::unique_ptr<Program>> programs;
    for (const Fault& fault : faults) {
        stages.push_back(std::make_unique<BenchmarkStage>(fault.manager));
        const BenchmarkStage& on = *stages.back();
        programs.push_back(std::make_unique<Program>(Launch{
            fault.by_time ? on.strict_words(limited + fault.benchmark) : on.words(limited + fault.benchmark)})
        );
    }
    for (std::size_t i = 0; i < faults.size(); ++i) {
        const Ended ended = programs[i]->wait(200s);
        INFO(faults[i].what << "\n" << ended.out << ended.err);
        const std::string named = stages[i]->resource();
        if (faults[i].by_time && named == "benchmark") {
            MESSAGE(
                "skipped: this machine is too busy to tell " << faults[i].what << " from its own slowness"
            );
            continue;
        }
        CHECK(named == faults[i].named);
    }
}

TEST_SUITE_END();
