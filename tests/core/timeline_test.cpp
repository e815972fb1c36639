#include "core/timeline.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

TEST_SUITE_BEGIN("core/timeline");

using namespace csim;

TEST_CASE("events run in order of due time and then of insertion") {
    Timeline timeline;
    std::vector<int> order;
    timeline.after(2s, [&] { order.push_back(3); });
    timeline.after(1s, [&] { order.push_back(1); });
    timeline.after(1s, [&] { order.push_back(2); });
    timeline.run_until(SimTime{} + 10s);
    CHECK(order == std::vector{1, 2, 3});
    CHECK(timeline.now() == SimTime{} + 10s);
    CHECK(timeline.events_run() == 3);
}

TEST_CASE("an event whose due has passed runs at once but later") {
    Timeline timeline(SimTime{} + 1h);
    std::vector<int> order;
    timeline.after(0s, [&] {
        timeline.at(SimTime{}, [&] {
            order.push_back(2);
            CHECK(timeline.now() == SimTime{} + 1h);
        });
        order.push_back(1);
    });
    timeline.run_until(timeline.now());
    CHECK(order == std::vector{1, 2});
}

TEST_CASE("a cancelled event never runs and lets go of what it held and cancelling twice is harmless") {
    Timeline timeline;
    const auto held = std::make_shared<int>(0);
    bool ran = false;
    const EventId id = timeline.after(1s, [&ran, held] { ran = true; });
    CHECK(held.use_count() == 2);
    CHECK(timeline.cancel(id));
    CHECK(held.use_count() == 1);
    CHECK_FALSE(timeline.cancel(id));
    CHECK_FALSE(timeline.cancel(EventId{}));
    timeline.run_until(SimTime{} + 2s);
    CHECK_FALSE(ran);
    CHECK(timeline.pending() == 0);
}

TEST_CASE("an event may cancel itself and others and schedule many more") {
    Timeline timeline;
    EventId self, other;
    int runs = 0;
    self = timeline.after(1s, [&] {
        CHECK_FALSE(timeline.cancel(self));
        CHECK(timeline.cancel(other));
        for (int i = 0; i < 1'000; ++i) timeline.after(1s, [&] { ++runs; });
    });
    other = timeline.after(1s, [&] { runs = -1; });
    timeline.run_until(SimTime{} + 5s);
    CHECK(runs == 1'000);
}

TEST_CASE("what a pending event holds dies with the timeline and may still cancel then") {
    struct Canceller {
        Timeline& timeline;
        EventId id;
        ~Canceller() { timeline.cancel(id); }
    };
    Timeline timeline;
    auto owner = std::make_shared<Canceller>(timeline, EventId{});
    owner->id = timeline.after(1s, [] {});
    timeline.after(2s, [owner] {});
    owner.reset();
    CHECK(timeline.pending() == 2);
}

TEST_CASE("plain events get their context and argument") {
    Timeline timeline;
    std::uint64_t got = 0;
    timeline.at(
        SimTime{} + 1s, [](void* to, std::uint64_t argument) { *static_cast<std::uint64_t*>(to) = argument; },
        &got, 7
    );
    CHECK(timeline.next_due() == SimTime{} + 1s);
    timeline.advance_to(SimTime{} + 500ms);
    CHECK(timeline.now() == SimTime{} + 500ms);
    timeline.run_next();
    CHECK(got == 7);
}

TEST_SUITE_END();
