#include "benchmark/measure/attribution.hpp"

#include "benchmark/drive/proc_files.hpp"

#include <doctest/doctest.h>

#include <functional>

TEST_SUITE_BEGIN("benchmark/attribution");

using namespace csim;

namespace {

/// A quiet minute, changed by `spoil`.
std::vector<Interval> minute(const std::function<void(int second, Interval&)>& spoil) {
    std::vector<Interval> made;
    for (int i = 0; i < 60; ++i) {
        Interval each;
        each.at = i + 1;
        each.servers = 4 * (1 + i / 10);
        each.requests = 28;
        each.p50_ms = each.p90_ms = each.p99_ms = 3;
        each.manager = {true, true, 0.2, 0.2, 5e7, 3e8, 100, 20000, 0};
        each.kernel.memory_total = 16e9, each.kernel.memory_available = 8e9;
        each.own.descriptors_max = 20000, each.own.descriptors = 100;
        each.queues["agent_lustre_rx"] = {2, 10, 10};
        each.queues["agent_systemd_journal_rx"] = {0, 10, 10};
        spoil(i, each);
        made.push_back(each);
    }
    return made;
}

std::string blamed(const std::vector<Interval>& intervals, bool failed = true) {
    const LimitingResource found = find_limiting_resource({intervals, failed});
    CHECK(!found.evidence.empty());
    return found.name;
}

}  // namespace

TEST_CASE("each resource is named by what it looks like") {
    CHECK(blamed(minute([](int, Interval&) {}), false) == "none");
    CHECK(blamed(minute([](int, Interval&) {}), true) == "unknown");
    CHECK(blamed(minute([](int i, Interval& each) {
              if (i > 40) each.manager.descriptors = 255, each.manager.descriptors_max = 256;
          })) == "manager_descriptors");
    // It stops at nine tenths, and what waits for it backs up behind.
    const auto reserve = [](int i, Interval& each) {
        each.manager.descriptors = i > 40 ? 357 : 9 * i, each.manager.descriptors_max = 400;
        each.queues["jobs"] = {i > 30 ? 2304.0 : 0.0, 1, 0};
    };
    CHECK(blamed(minute(reserve), true) == "manager_descriptors");
    const auto growing = [](int i, Interval& each) {
        each.manager.descriptors = 300 + i, each.manager.descriptors_max = 400;
    };
    CHECK(blamed(minute(growing), true) == "unknown");
    CHECK(blamed(minute([](int i, Interval& each) {
              each.manager.address_bytes_max = 4e8;
              if (i > 30) each.manager.address_bytes = 3.9e8;
              if (i > 40) each.manager.alive = false;
          })) == "manager_memory");
    CHECK(blamed(minute([](int i, Interval& each) { each.manager.alive = i < 50; })) == "manager_process");
    CHECK(blamed(minute([](int i, Interval& each) {
              each.queues["agent_systemd_journal_rx"] = {i * 10.0, 20, 10};
          })) == "queue:agent_systemd_journal_rx");
    CHECK(blamed(minute([](int i, Interval& each) {
              each.kernel.listen_drops = i > 50 ? 12 : 0;
          })) == "accept_queue");
    CHECK(blamed(minute([](int i, Interval& each) {
              if (i > 40) each.manager.busiest_thread = 0.98;
          })) == "manager_cpu");
    CHECK(blamed(minute([](int, Interval& each) {
              each.p50_ms = each.p90_ms = 2 + 9.0 * static_cast<double>(each.servers);
          })) == "delay_per_host");
    CHECK(blamed(minute([](int i, Interval& each) {
              each.valid = i % 3 == 0;
              if (!each.valid) each.invalid_because = "the simulator lagged by more than 100 ms";
          })) == "benchmark");
    CHECK(blamed(minute([](int, Interval& each) { each.own.descriptors = 19999; })) == "benchmark");
    CHECK(blamed(minute([](int, Interval& each) {
              each.kernel.memory_available = 1e8;
          })) == "machine_memory");
}

TEST_CASE("a burst and a list of work are no queue that backs up") {
    CHECK(
        blamed(
            minute([](int i, Interval& each) {
                if (i % 10 == 0) each.queues["agent_lustre_rx"].messages = 300;
                each.queues["jobs"] = {i > 20 && i < 40 ? 200.0 : 0.0, 0, 0};
            }),
            false
        ) == "none"
    );
}

TEST_CASE("a process at its limit comes before the work that piles up then, and work that was done is none") {
    const auto backlog = [](int i, Interval& each) {
        each.phase = "hold";
        each.queues["jobs"] = {i > 20 ? 200.0 : 0.0, 20, 10};
    };
    CHECK(blamed(minute(backlog)) == "queue:jobs");
    CHECK(blamed(minute([&](int i, Interval& each) {
              backlog(i, each);
              each.manager.address_bytes_max = 4e8;
              if (i > 30) each.manager.address_bytes = 3.9e8;
          })) == "manager_memory");
    CHECK(blamed(minute([&](int i, Interval& each) { backlog(i < 40 ? i : 0, each); }), false) == "none");
}

TEST_CASE("a run may end when a resource has run out, and not because servers are being set up") {
    const auto exhausted = [](const std::function<void(int, Interval&)>& spoil) {
        const auto found = find_exhausted_resource(minute(spoil));
        return found ? found->name : "";
    };
    const auto backlog = [](int i, Interval& each) { each.queues["jobs"] = {i > 20 ? 200.0 : 0.0, 20, 10}; };
    CHECK(exhausted([](int, Interval&) {}).empty());
    CHECK(exhausted(backlog).empty());
    CHECK(exhausted([&](int i, Interval& each) {
              backlog(i, each);
              each.phase = "hold";
          }) == "queue:jobs");
    CHECK(exhausted([&](int i, Interval& each) {
              backlog(i, each);
              each.manager.descriptors = 256, each.manager.descriptors_max = 256;
          }) == "manager_descriptors");
}

TEST_CASE("slow answers while many register are no delay of each host") {
    CHECK(
        blamed(
            minute([](int, Interval& each) { each.p90_ms = 2 + 9.0 * static_cast<double>(each.servers); }),
            false
        ) == "none"
    );
}

TEST_CASE("latency that grows because the manager computes is not a delay") {
    CHECK(blamed(minute([](int, Interval& each) {
              each.p50_ms = each.p90_ms = 2 + 9.0 * static_cast<double>(each.servers);
              each.manager.busiest_thread = 0.95;
          })) == "manager_cpu");
}

TEST_CASE("a queue that holds what servers send in one go is not backed up") {
    const std::map<std::string, QueueSample> before{{"q", {3, 0, 0}}};
    CHECK(backed_up_queues(before, {{"q", {11, 5, 5}}}, 8).empty());
    CHECK(backed_up_queues(before, {{"q", {12, 5, 5}}}, 8).contains("q"));
    CHECK(backed_up_queues(before, {{"q", {40, 50, 50}}}, 8).empty());
    CHECK(backed_up_queues({}, {{"new", {9, 1, 1}}}, 8).contains("new"));
}

TEST_CASE("our own slowness makes an interval invalid") {
    const OwnLimits limits;
    CHECK(why_invalid({5, 20, 0.5, 0, 0, 0}, limits, 2).empty());
    CHECK(why_invalid({21, 0, 0, 0, 0, 0}, limits, 2).find("late") != std::string::npos);
    CHECK(why_invalid({0, 101, 0, 0, 0, 0}, limits, 2).find("simulator") != std::string::npos);
    CHECK(why_invalid({0, 0, 1.9, 0, 0, 0}, limits, 2).find("processors") != std::string::npos);
}

TEST_CASE("counters of the kernel and limits of a process are read by name") {
    const KernelReading read = kernel_counters(
        "TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPReqQFullDrop\nTcpExt: 1 22 23 4\n"
        "IpExt: InOctets\nIpExt: 5\n",
        "Ip: Forwarding\nIp: 1\nTcp: AttemptFails RetransSegs\nTcp: 7 8\n",
        "MemTotal:       2048 kB\nMemAvailable:   1024 kB\n"
    );
    CHECK(read.listen_drops == 22);
    CHECK(read.syn_drops == 4);
    CHECK(read.failed_connects == 7);
    CHECK(read.retransmits == 8);
    CHECK(read.memory_available == 1024 * 1024);
    const std::string limits =
        "Limit                     Soft Limit  Hard Limit Units\n"
        "Max open files            256         4096       files\n"
        "Max address space         unlimited   unlimited  bytes\n";
    CHECK(limit_in(limits, "Max open files") == 256);
    CHECK(limit_in(limits, "Max address space") == 0);
    ProcessWatch self(::getpid());
    const ProcessReading seen = self.read(1);
    CHECK(seen.alive);
    CHECK(seen.descriptors >= 3);
    CHECK(seen.descriptors_max > 0);
    CHECK(seen.resident_bytes > 1e6);
    CHECK_FALSE(ProcessWatch(999'999'999).read(1).alive);
}

TEST_SUITE_END();
