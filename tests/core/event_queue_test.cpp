#include "core/event_queue.hpp"

#include "core/rng.hpp"
#include "tests/support/seeds.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <vector>

TEST_SUITE_BEGIN("core/event_queue");

using namespace csim;

namespace {

void nothing(void*, std::uint64_t) {}

/// The queue beside the plainest thing that is surely right. Every operation checks that both agree.
struct Twin {
    using Place = std::pair<SimTime, std::uint64_t>;  // due, number of the insertion
    EventQueue queue;
    std::set<Place> model;
    std::map<std::uint64_t, std::pair<EventId, SimTime>> ids;
    std::uint64_t inserted = 0;
    SimTime now = SimTime::from_unix_ns(1'000'000'000'000);

    void insert(SimTime due) {
        const EventId id = queue.insert({due, nothing, this, inserted});
        model.emplace(due, inserted);
        ids.emplace(inserted++, std::pair(id, due));
    }
    void cancel(std::uint64_t number) {
        const auto [id, due] = ids.at(number);
        const bool pending = model.erase({due, number}) == 1;
        REQUIRE((queue.find(id) != nullptr) == pending);
        REQUIRE(queue.cancel(id) == pending);
        REQUIRE(!queue.cancel(id));
    }
    void pop() {
        const auto event = queue.pop_next();
        REQUIRE(event.has_value() == !model.empty());
        if (!event) return;
        REQUIRE(event->due == model.begin()->first);
        REQUIRE(event->argument == model.begin()->second);
        REQUIRE(event->context == this);
        model.erase(model.begin());
        now = std::max(now, event->due);
    }
    void peek() {
        const auto due = queue.next_due();
        REQUIRE(due.has_value() == !model.empty());
        if (due) REQUIRE(*due == model.begin()->first);
        REQUIRE(queue.size() == model.size());
    }
    void pop_all() {
        while (!model.empty()) pop();
        pop();
    }
};

/// Mixes of dues that meet different parts of the structure: equal, near, far, past, at both ends of time.
SimTime draw_due(Rng& rng, SimTime now, int mix) {
    switch (mix) {
        case 0:
            return now + Duration(rng.between(std::int64_t(0), std::int64_t(3)));
        case 1:
            return now + rng.between(Duration(0), Duration(1s));
        case 2:
            return now + rng.between(Duration(0), Duration(87'600h));
        case 3:
            return SimTime::from_unix_ns(rng.between(std::int64_t(0), now.unix_ns()));
        case 4:
            return rng.chance({1, 2}) ? SimTime::max() : SimTime::from_unix_ns(INT64_MIN);
        case 5:
            return SimTime::from_unix_ns(rng.between(INT64_MIN, INT64_MAX));
        case 6:
            return now;
        default:
            return now + Duration(std::int64_t(1) << rng.between(std::int64_t(0), std::int64_t(50)));
    }
}

}  // namespace

TEST_CASE("any mix of insertions and cancellations and pops agrees with an ordered set") {
    for_each_seed(60, [](std::uint64_t seed) {
        Rng rng(seed);
        Twin twin;
        const std::int64_t size_max = std::int64_t(1) << rng.between(std::int64_t(1), std::int64_t(12));
        const std::int64_t peeks = rng.between(std::int64_t(0), std::int64_t(3));
        const auto cancels = std::uint64_t(rng.between(std::int64_t(0), std::int64_t(6)));
        int mix = 1;
        bool growing = true;
        for (int step = 0; step < 6'000; ++step) {
            if (step % 500 == 0) mix = int(rng.between(std::int64_t(0), std::int64_t(8)));
            if (std::int64_t(twin.model.size()) >= size_max) growing = false;
            if (twin.model.empty()) growing = true;
            if (rng.chance({growing ? 3u : 2u, 5}))
                twin.insert(
                    draw_due(rng, std::min(twin.now, SimTime::max() - 876'000h), mix == 8 ? step % 8 : mix)
                );
            else
                twin.pop();
            if (twin.inserted > 0 && rng.chance({cancels, 10}))
                twin.cancel(std::uint64_t(rng.between(std::int64_t(0), std::int64_t(twin.inserted) - 1)));
            if (rng.between(std::int64_t(0), std::int64_t(3)) < peeks) twin.peek();
        }
        twin.peek();
        twin.pop_all();
    });
}

TEST_CASE("events of one instant run in order of insertion however many there are") {
    Twin twin;
    for (int i = 0; i < 3'000; ++i) {
        twin.insert(twin.now + 1s);
        if (i % 1000 == 500) twin.insert(twin.now + 2s);
    }
    twin.peek();
    for (int i = 0; i < 200; ++i) twin.insert(twin.now + 1s);
    for (int i = 0; i < 200; ++i) twin.insert(twin.now + 1s + Duration(200 - i));
    twin.pop_all();
}

TEST_CASE("a look at a far event does not disturb nearer ones inserted later") {
    Twin twin;
    twin.insert(twin.now + 24h);
    twin.peek();
    Rng rng(7);
    for (int i = 0; i < 5'000; ++i) {
        twin.insert(twin.now + rng.between(Duration(0), Duration(10s)));
        twin.peek();
        if (i % 3 == 0) twin.pop();
    }
    twin.pop_all();
}

TEST_CASE("each insertion may come before all earlier ones with a look in between") {
    Twin twin;
    for (int i = 0; i < 5'000; ++i) {
        twin.insert(SimTime::from_unix_ns(1'000'000 - i));
        twin.peek();
    }
    twin.pop_all();
}

TEST_CASE("ids of events long gone and the default id cancel nothing") {
    EventQueue queue;
    CHECK_FALSE(queue.cancel(EventId{}));
    const EventId first = queue.insert({SimTime{}, nothing, nullptr, 0});
    REQUIRE(queue.pop_next().has_value());
    const EventId second = queue.insert({SimTime{}, nothing, nullptr, 0});
    CHECK_FALSE(queue.cancel(first));
    CHECK_FALSE(queue.cancel(EventId{12345, 1}));
    CHECK(queue.cancel(second));
    CHECK(queue.empty());
    CHECK_FALSE(queue.pop_next().has_value());
}

TEST_CASE("endless insertion and cancellation keeps memory bounded") {
    EventQueue queue;
    std::size_t slot_max = 0;
    for (int i = 0; i < 200'000; ++i) {
        const EventId id = queue.insert({SimTime{} + 1h + Duration(i), nothing, nullptr, 0});
        slot_max = std::max<std::size_t>(slot_max, id.slot);
        REQUIRE(queue.cancel(id));
    }
    CHECK(slot_max == 0);
    CHECK(queue.memory_bytes() < 1'000'000);
}

TEST_SUITE_END();
