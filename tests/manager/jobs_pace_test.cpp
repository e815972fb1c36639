// Set-ups of new hosts in a storm of registrations: none is lost, each starts once, in order, when it may.
#include "core/rng.hpp"
#include "manager/jobs/deployment_pace.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>

TEST_SUITE_BEGIN("manager/jobs/pace");

using namespace csim;

namespace {

struct Paced {
    Timeline timeline{SimTime{} + 1000s};
    std::map<std::int64_t, SimTime> started;
    std::vector<std::int64_t> order;
    DeploymentPace pace{timeline, [this] { look(); }};

    void look() {
        while (const auto job = pace.next()) {
            CHECK(started.emplace(*job, timeline.now()).second);
            order.push_back(*job);
        }
    }
    void arrive(std::int64_t job) {
        pace.arrived({job});
        look();
    }
    double waited_s(std::int64_t job, SimTime since) {
        return std::chrono::duration<double>(started.at(job) - since).count();
    }
};

}  // namespace

TEST_CASE("a few hosts are set up at once") {
    Paced p;
    for (std::int64_t job = 1; job <= 16; ++job) p.arrive(job);
    CHECK(p.started.size() == 16);
    CHECK(p.pace.waiting() == 0);
}

TEST_CASE("in a storm set-ups wait until it is over, and then follow in order") {
    Paced p;
    const SimTime begin = p.timeline.now();
    for (std::int64_t job = 1; job <= 2000; ++job) {
        p.timeline.run_until(begin + 5ms * job);
        p.arrive(job);
    }
    const SimTime end = p.timeline.now();
    CHECK(p.started.size() <= 80);
    p.timeline.run_until(end + 2s);
    CHECK(p.started.size() <= 80);
    p.timeline.run_until(end + 15s);
    CHECK(p.started.size() == 2000);
    CHECK(p.pace.waiting() == 0);
    CHECK(std::is_sorted(p.order.begin(), p.order.end()));
}

TEST_CASE("nobody waits longer than a minute, however long the storm") {
    Paced p;
    const SimTime begin = p.timeline.now();
    std::map<std::int64_t, SimTime> arrived;
    for (std::int64_t job = 1; job <= 20'000; ++job) {
        p.timeline.run_until(begin + 10ms * job);
        arrived[job] = p.timeline.now();
        p.arrive(job);
    }
    p.timeline.run_until(p.timeline.now() + 300s);
    REQUIRE(p.started.size() == 20'000);
    for (const auto& [job, at] : arrived) CHECK(p.waited_s(job, at) < 61);
}

TEST_CASE("hosts that come at the pace of set-ups never wait for long") {
    Paced p;
    Rng rng(7);
    const SimTime begin = p.timeline.now();
    for (std::int64_t job = 1; job <= 1000; ++job) {
        p.timeline.run_until(begin + 20ms * job + Duration(static_cast<std::int64_t>(rng.unit() * 1e7)));
        const SimTime at = p.timeline.now();
        p.arrive(job);
        p.timeline.run_until(at + 1ms);
    }
    p.timeline.run_until(p.timeline.now() + 1s);
    CHECK(p.started.size() == 1000);
    CHECK(p.pace.waiting() == 0);
}

TEST_CASE("what is cancelled never starts, and what is destroyed never looks") {
    Paced p;
    for (std::int64_t job = 1; job <= 200; ++job) p.arrive(job);
    REQUIRE(p.pace.waiting() > 0);
    p.pace.drop(200);
    p.pace.drop(1);
    p.timeline.run_until(p.timeline.now() + 10s);
    CHECK(p.started.size() == 199);
    CHECK_FALSE(p.started.contains(200));
}

TEST_CASE("one that is destroyed while others wait never looks again") {
    Timeline timeline{SimTime{} + 1000s};
    bool looked = false;
    {
        DeploymentPace pace(timeline, [&] { looked = true; });
        for (std::int64_t job = 1; job <= 200; ++job) {
            pace.arrived({job});
            while (pace.next()) {
            }
        }
        REQUIRE(pace.waiting() > 0);
    }
    timeline.run_until(timeline.now() + 100s);
    CHECK_FALSE(looked);
}

TEST_SUITE_END();
