#include "core/trace.hpp"

#include "core/log.hpp"
#include "core/result.hpp"
#include "core/timeline.hpp"

#include <doctest/doctest.h>
#include <spdlog/logger.h>

#include <map>
#include <sstream>
#include <thread>

TEST_SUITE_BEGIN("core/trace");

using namespace csim;

namespace {

enum class Side { left, right };
BOOST_DESCRIBE_ENUM(Side, left, right)

struct ResourceMoved {
    static constexpr std::string_view event_name = "resource_moved";
    std::string ha_label;
    std::optional<std::string> from;
    Side side = Side::left;
    Duration took{};
};
BOOST_DESCRIBE_STRUCT(ResourceMoved, (), (ha_label, from, side, took))

struct Point {
    int x = 0, y = 0;
};
BOOST_DESCRIBE_STRUCT(Point, (), (x, y))

struct Everything {
    static constexpr std::string_view event_name = "everything";
    bool on = true;
    std::uint16_t port = 8743;
    double ratio = 0.5;
    SimTime at;
    std::vector<int> list{1, 2};
    std::map<std::string, int> by_name{{"a", 1}};
    Point point{3, -4};
    std::string awkward = "two \"words\"\n";
};
BOOST_DESCRIBE_STRUCT(Everything, (), (on, port, ratio, at, list, by_name, point, awkward))

struct TraceFixture {
    Timeline timeline{SimTime::from_unix_ns(1'795'224'492'000'000'000)};
    Trace trace{timeline, 3};
};

}  // namespace

TEST_CASE_FIXTURE(TraceFixture, "events become one line of text each and the last ones are kept") {
    for (int i = 0; i < 5; ++i)
        trace.emit("test000", ResourceMoved{"MGS" + std::to_string(i), {}, Side::right, 2s});
    trace.emit("", Everything{});
    CHECK(trace.count() == 6);
    CHECK(trace.count("resource_moved") == 5);
    CHECK(trace.count("never_heard_of") == 0);
    const std::vector<std::string> expected{
        "2026-11-21T01:28:12.000000+00:00 test000 resource_moved ha_label=MGS3 from=none side=right took=2s",
        "2026-11-21T01:28:12.000000+00:00 test000 resource_moved ha_label=MGS4 from=none side=right took=2s",
        "2026-11-21T01:28:12.000000+00:00 - everything on=true port=8743 ratio=0.500000 "
        "at=1970-01-01T00:00:00.000000+00:00 list=[1 2] by_name=[[a 1]] point=[3 -4] "
        "awkward=\"two \\\"words\\\".\"",
    };
    CHECK(trace.recent() == expected);
}

TEST_CASE_FIXTURE(TraceFixture, "sinks see each event as it happens") {
    std::vector<std::string> names;
    trace.add_sink([&](const TraceEvent& event) { names.emplace_back(event.name()); });
    trace.emit("a", ResourceMoved{});
    trace.emit("a", Everything{});
    CHECK(names == std::vector<std::string>{"resource_moved", "everything"});
}

TEST_CASE("the digest is the same with every compiler and every difference changes it") {
    const auto digest_of = [](SimTime at, std::string_view subject, const ResourceMoved& event) {
        Timeline timeline(at);
        Trace trace(timeline);
        trace.emit(subject, event);
        return trace.digest();
    };
    const ResourceMoved moved{"MGS", "a", Side::left, 1s};
    const std::uint64_t plain = digest_of({}, "x", moved);
    CHECK(plain == 7337247512369168411u);
    CHECK(plain == digest_of({}, "x", moved));
    CHECK(plain != digest_of(SimTime{} + 1ns, "x", moved));
    CHECK(plain != digest_of({}, "y", moved));
    CHECK(plain != digest_of({}, "x", {"MGT", "a", Side::left, 1s}));
    CHECK(plain != digest_of({}, "x", {"MGS", {}, Side::left, 1s}));
    CHECK(plain != digest_of({}, "x", {"MGS", "a", Side::right, 1s}));
    CHECK(plain != digest_of({}, "x", {"MGS", "a", Side::left, 2s}));
}

TEST_CASE_FIXTURE(TraceFixture, "the digest tells the order of events") {
    Trace other(timeline);
    trace.emit("a", Everything{});
    trace.emit("b", Everything{});
    other.emit("b", Everything{});
    other.emit("a", Everything{});
    CHECK(trace.digest() != other.digest());
}

TEST_CASE("log lines carry simulated time and level and name") {
    Timeline timeline(SimTime::from_unix_ns(1'795'224'492'500'000'000));
    std::ostringstream out;
    const auto log = make_log("lnet", timeline, "info", out);
    log->debug("hidden");
    log->info("started fqdn={} nids={}", "test000", 2);
    timeline.run_until(timeline.now() + 1s);
    log->warn("odd");
    CHECK(
        out.str() ==
        "2026-11-21T01:28:12.500000 info    lnet      started fqdn=test000 nids=2\n"
        "2026-11-21T01:28:13.500000 warning lnet      odd\n"
    );
}

TEST_CASE("log lines of other threads do not touch the timeline") {
    Timeline timeline;
    std::ostringstream out;
    const auto log = make_log("net", timeline, "info", out);
    std::thread([&] { log->info("from afar"); }).join();
    CHECK_FALSE(out.str().starts_with("1970"));
    CHECK(out.str().ends_with("info    net       from afar\n"));
}

TEST_CASE("a log level that does not exist is a usage error") {
    Timeline timeline;
    CHECK_THROWS_AS(make_log("net", timeline, "loud"), Fatal);
    silent_log()->error("nobody hears this");
}

TEST_SUITE_END();
