// Measures state folders: deaths survived, opening time at 10,000 servers, bytes per change, commits a
// second.
#include "benchmark/bench_report.hpp"
#include "benchmark/crash/crash_rounds.hpp"
#include "core/work_queue.hpp"
#include "state/faulty_files.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <stdlib.h>
#include <string>
#include <vector>

namespace csim {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Scratch {
    Scratch() {
        auto pattern = (std::filesystem::temp_directory_path() / "csim-crash-XXXXXX").string();
        if (!::mkdtemp(pattern.data())) throw Fatal("cannot make a folder like " + pattern);
        path = pattern;
    }
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    std::filesystem::path path;
};

constexpr int server_count = 10'000;
constexpr int device_count = 20'000;

std::string server_name(int number) {
    return "fake_server_test" + std::to_string(number) + ".localdomain.json";
}

Json server_document(int number) {
    Json packages;
    for (int i = 0; i < 16; ++i) packages["package-" + std::to_string(i)] = {0, "2.5.0", "1", "x86_64"};
    return {
        {"id", number},
        {"fqdn", "test" + std::to_string(number) + ".localdomain"},
        {"packages", packages},
        {"corosync", {{"state", "stopped"}, {"mcast_port", 3000}}},
        {"network_interfaces", {{"10.0.0.0", {{"interface_no", 0}, {"type", "tcp"}, {"lnd_network", 0}}}}},
    };
}

EntryName device_name(int number) {
    return {"devices.json", "devices/FAKEDEVICE" + std::to_string(number)};
}

Json device_entry(int number, int change) {
    const auto serial = "FAKEDEVICE" + std::to_string(number);
    return {
        {"major_minor", "0:" + std::to_string(number)},
        {"parent", nullptr},
        {"partition_number", nullptr},
        {"serial_80", serial},
        {"serial_83", serial},
        {"size", 35184372088832 + change},
    };
}

void measure_deaths(BenchReport& report, const Scratch& scratch, int rounds_count) {
    CrashRounds rounds(scratch.path / "deaths", 1, Syncs::real);
    const auto start = Clock::now();
    for (int round = 0; round < rounds_count; ++round) rounds.run_one();
    const auto& totals = rounds.totals();
    if (!totals.first_problem.empty()) std::cerr << totals.first_problem << "\n";
    report.add({"deaths", static_cast<double>(totals.rounds), "rounds"});
    report.add({"acknowledged_changes", static_cast<double>(totals.acknowledged), "changes"});
    report.add({"acknowledged_lost", static_cast<double>(totals.lost), "rounds", 0});
    report.add({"unreadable_folders", static_cast<double>(totals.unreadable), "rounds", 0});
    report.add({"states_that_are_no_prefix", static_cast<double>(totals.differing), "rounds", 0});
    report.add({"deaths_duration", seconds_since(start), "s"});
}

void measure_making(BenchReport& report, const std::filesystem::path& folder) {
    WorkQueue inbox;
    const auto start = Clock::now();
    auto store = open_directory(folder, inbox, {});
    for (int i = 0; i < server_count; ++i) store->put({server_name(i), ""}, server_document(i));
    for (int i = 0; i < device_count; ++i) store->put(device_name(i), device_entry(i, 0));
    store->commit(nullptr);
    store->flush();
    report.add({"setup_10000_servers_durable", seconds_since(start), "s"});
    store.reset();
    report.add({"setup_10000_servers_closed", seconds_since(start), "s"});
}

void measure_opening(BenchReport& report, const std::filesystem::path& folder) {
    WorkQueue inbox;
    auto start = Clock::now();
    auto store = open_directory(folder, inbox, {});
    report.add({"open_10000_servers", seconds_since(start), "s", 2});
    start = Clock::now();
    std::size_t bytes = 0;
    for (const auto& name : store->documents("fake_server_")) bytes += store->load({name, ""})->size();
    const auto devices = store->load_section("devices.json", "devices").size();
    if (devices != device_count || bytes == 0) throw Fatal("the folder does not hold what was put into it");
    report.add({"load_10000_servers_20000_devices", seconds_since(start), "s"});
    start = Clock::now();
    read_directory(folder);
    report.add({"read_10000_servers_beside_a_writer", seconds_since(start), "s", 2});
}

void measure_bytes(BenchReport& report, const std::filesystem::path& folder) {
    constexpr int changes = 100'000;
    WorkQueue inbox;
    FaultyFiles files(system_files(), {});
    auto store = open_directory(folder, inbox, {.files = &files});
    store->load_section("devices.json", "devices");
    const auto start = Clock::now();
    double stall = 0;
    for (int i = 0; i < changes; ++i) {
        const auto begun = Clock::now();
        store->put(device_name(i * 7919 % device_count), device_entry(i * 7919 % device_count, i));
        store->commit(nullptr);
        stall = std::max(stall, seconds_since(begun));
    }
    store->flush();
    report.add({"stream_of_changes", changes / seconds_since(start), "changes/s"});
    // The longest time that the world's thread spent in one put and commit, checkpoints running meanwhile.
    report.add({"stall_max", stall * 1e3, "ms"});
    store.reset();
    const auto rewrite = static_cast<double>(std::filesystem::file_size(folder / "devices.json"));
    const auto each = static_cast<double>(files.bytes_written()) / changes;
    report.add({"bytes_per_change", each, "B", rewrite / 50, Figure::Better::lower, rewrite});
}

/// `under_way` changes wait for the disk at any time; the latency is from commit to callback.
void measure_commits(BenchReport& report, const std::filesystem::path& folder, int under_way, int changes) {
    WorkQueue inbox;
    auto store = open_directory(folder, inbox, {});
    std::vector<double> latencies;
    const auto start = Clock::now();
    for (int made = 0; latencies.size() < static_cast<std::size_t>(changes);) {
        while (made < changes && made - static_cast<int>(latencies.size()) < under_way) {
            store->put(device_name(made % device_count), device_entry(made % device_count, made));
            store->commit([&latencies, begun = Clock::now()] { latencies.push_back(seconds_since(begun)); });
            ++made;
        }
        inbox.run_batch();
    }
    const auto rate = changes / seconds_since(start);
    std::sort(latencies.begin(), latencies.end());
    const auto suffix = "_" + std::to_string(under_way) + "_under_way";
    report.add({"commits" + suffix, rate, "commits/s"});
    report.add({"commit_latency_p50" + suffix, latencies[latencies.size() / 2] * 1e3, "ms"});
    report.add({"commit_latency_p99" + suffix, latencies[latencies.size() * 99 / 100] * 1e3, "ms"});
}

int run(const std::vector<std::string>& arguments) {
    const int rounds = std::stoi(bench_option(arguments, "--rounds").value_or("1000"));
    const Scratch scratch;
    BenchReport report;
    report.add_command("./dev bench crash --rounds " + std::to_string(rounds));
    measure_deaths(report, scratch, rounds);
    const auto folder = scratch.path / "servers";
    measure_making(report, folder);
    measure_opening(report, folder);
    measure_bytes(report, folder);
    measure_commits(report, folder, 1, 500);
    measure_commits(report, folder, 100, 20'000);
    measure_commits(report, folder, 1'000, 100'000);
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
