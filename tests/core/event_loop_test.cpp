#include "core/event_loop.hpp"

#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <thread>
#include <vector>

TEST_SUITE_BEGIN("core/event_loop");

using namespace csim;

namespace {

struct InstantFixture {
    Timeline timeline;
    EventLoop loop{timeline, Pace::instant()};
    std::vector<int> order;
};

struct PacedFixture {
    Timeline timeline{SimTime::from_unix_ns(1'000'000'000)};
    EventLoop loop{timeline, Pace::realtime()};
};

/// Schedules itself again at once for as long as it lives: a flood of due events.
struct Flood {
    Timeline& timeline;
    std::uint64_t runs = 0;
    void start() {
        timeline.at(
            timeline.now(),
            [](void* self, std::uint64_t) {
                ++static_cast<Flood*>(self)->runs;
                static_cast<Flood*>(self)->start();
            },
            this
        );
    }
};

}  // namespace

TEST_CASE_FIXTURE(InstantFixture, "instant time jumps from event to event and the run ends with the last") {
    timeline.after(1h, [&] { order.push_back(1); });
    timeline.after(24h, [&] { order.push_back(2); });
    loop.run();
    CHECK(order == std::vector{1, 2});
    CHECK(timeline.now() == SimTime{} + 24h);
}

TEST_CASE_FIXTURE(InstantFixture, "posted work runs before the clock jumps") {
    timeline.after(1s, [&] {
        order.push_back(1);
        loop.post([&] {
            order.push_back(2);
            CHECK(timeline.now() == SimTime{} + 1s);
            loop.post([&] { order.push_back(3); });
        });
    });
    timeline.after(2s, [&] { order.push_back(4); });
    loop.run();
    CHECK(order == std::vector{1, 2, 3, 4});
}

TEST_CASE_FIXTURE(InstantFixture, "an instant run until some time stops the clock exactly there") {
    timeline.after(10s, [&] { order.push_back(1); });
    timeline.after(11s, [&] { order.push_back(2); });
    loop.run_until(SimTime{} + 10s);
    CHECK(order == std::vector{1});
    CHECK(timeline.now() == SimTime{} + 10s);
    loop.run_until(SimTime{} + 20s);
    CHECK(order == std::vector{1, 2});
    CHECK(timeline.now() == SimTime{} + 20s);
}

TEST_CASE_FIXTURE(InstantFixture, "stop ends a run after the current event and only that run") {
    timeline.after(1s, [&] { loop.stop(); });
    timeline.after(2s, [&] { order.push_back(2); });
    loop.run();
    CHECK(timeline.now() == SimTime{} + 1s);
    CHECK(order.empty());
    loop.run();
    CHECK(order == std::vector{2});
}

TEST_CASE_FIXTURE(InstantFixture, "a stop before the run makes the run return at once") {
    timeline.after(1s, [&] { order.push_back(1); });
    loop.stop();
    loop.run();
    CHECK(order.empty());
}

TEST_CASE_FIXTURE(InstantFixture, "instant time stands still while a hold is alive but the instant goes on") {
    std::thread peer;
    timeline.after(1s, [&] {
        auto hold = std::make_shared<EventLoop::Hold>(loop);
        timeline.after(0s, [this, &peer, hold] {
            order.push_back(1);
            peer = std::thread([this, hold] {
                loop.post([this, hold] {
                    CHECK(timeline.now() == SimTime{} + 1s);
                    order.push_back(2);
                });
            });
        });
    });
    timeline.after(2s, [&] { order.push_back(3); });
    loop.run();
    peer.join();
    CHECK(order == std::vector{1, 2, 3});
}

TEST_CASE_FIXTURE(InstantFixture, "the hook runs after the events of an instant and before the next") {
    timeline.after(1s, [&] { order.push_back(1); });
    timeline.after(1s, [&] { order.push_back(1); });
    timeline.after(2s, [&] { order.push_back(2); });
    loop.before_waiting([&] { order.push_back(0); });
    loop.run();
    CHECK(order == std::vector{0, 1, 1, 0, 2, 0});
}

TEST_CASE_FIXTURE(InstantFixture, "io handlers run before an instant run ends") {
    boost::asio::post(loop.io(), [&] { timeline.after(1s, [&] { order.push_back(1); }); });
    loop.run();
    CHECK(order == std::vector{1});
}

TEST_CASE_FIXTURE(PacedFixture, "paced: no event runs before the wall reaches it") {
    const SimTime start = timeline.now();
    const SimTime wall_start = wall_now();
    SimTime wall_end;
    timeline.after(20ms, [&] {
        CHECK(timeline.now() >= start + 20ms);
        wall_end = wall_now();
        loop.stop();
    });
    loop.run();
    CHECK(wall_end - wall_start >= 20ms);
    CHECK(loop.lag().worst >= Duration(0));
}

TEST_CASE("paced: a faster pace shortens the wait and run_until ends at its end") {
    Timeline timeline;
    EventLoop loop(timeline, Pace::realtime(1e6));
    int runs = 0;
    timeline.after(100s, [&] { ++runs; });
    timeline.after(1h, [&] { ++runs; });
    loop.run_until(SimTime{} + 1000s);
    CHECK(runs == 1);
    CHECK(timeline.now() == SimTime{} + 1000s);
}

TEST_CASE_FIXTURE(PacedFixture, "paced: work posted by many threads runs in order of each on one thread") {
    constexpr int threads = 4, items = 5'000;
    std::vector<int> next(threads, 0);
    int total = 0;
    bool ordered = true;
    const auto home = std::this_thread::get_id();
    std::vector<std::thread> posters;
    for (int t = 0; t < threads; ++t)
        posters.emplace_back([&, t] {
            for (int i = 0; i < items; ++i)
                loop.post([&, t, i] {
                    ordered = ordered && next[std::size_t(t)]++ == i && std::this_thread::get_id() == home;
                    if (++total == threads * items) loop.stop();
                });
        });
    loop.run();
    for (std::thread& poster : posters) poster.join();
    CHECK(ordered);
    CHECK(total == threads * items);
}

TEST_CASE_FIXTURE(PacedFixture, "paced: a flood of due events starves neither posted work nor io") {
    Flood flood{timeline};
    flood.start();
    bool posted = false, handled = false;
    loop.post([&] {
        loop.post([&] { posted = true; });
        boost::asio::post(loop.io(), [&] { handled = true; });
    });
    loop.before_waiting([&] {
        if (posted && handled) loop.stop();
    });
    loop.run();
    CHECK(flood.runs > 0);
}

TEST_CASE_FIXTURE(PacedFixture, "paced: a flood of posted work and io does not starve events") {
    std::function<void()> again = [&] { loop.post([&] { again(); }); };
    std::function<void()> io_again = [&] { boost::asio::post(loop.io(), [&] { io_again(); }); };
    again();
    io_again();
    timeline.after(1ms, [&] { loop.stop(); });
    loop.run();
    CHECK(timeline.events_run() == 1);
}

TEST_CASE_FIXTURE(PacedFixture, "paced: an io handler that ends a long wait is told the present time") {
    const SimTime start = timeline.now();
    SimTime seen;
    boost::asio::post(loop.io(), [&] {
        const SimTime wall_start = wall_now();
        while (wall_now() - wall_start < 2ms) {
        }
        boost::asio::post(loop.io(), [&] {
            seen = timeline.now();
            loop.stop();
        });
    });
    loop.run();
    CHECK(seen - start >= 2ms);
}

TEST_SUITE_END();
