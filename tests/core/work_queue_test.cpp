#include "core/work_queue.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace csim {

TEST_SUITE_BEGIN("core/work_queue");

TEST_CASE("work runs in order of arrival, on the thread that asks, and only when it asks") {
    WorkQueue queue;
    std::vector<int> ran;
    const auto mine = std::this_thread::get_id();
    std::thread([&] {
        for (int i = 0; i < 100; ++i)
            queue.post([&, i] {
                CHECK(std::this_thread::get_id() == mine);
                ran.push_back(i);
            });
    }).join();
    CHECK(ran.empty());
    queue.run_one();
    CHECK(ran == std::vector<int>{0});
    queue.run();
    REQUIRE(ran.size() == 100);
    for (int i = 0; i < 100; ++i) CHECK(ran[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("what comes while work runs belongs to run(), and to the next batch") {
    WorkQueue queue;
    int ran = 0;
    const auto post_two = [&] {
        queue.post([&] {
            ++ran;
            queue.post([&] { ++ran; });
        });
    };
    post_two();
    queue.run_batch();
    CHECK(ran == 1);
    CHECK(queue.run_within(std::chrono::nanoseconds(0)));
    CHECK(ran == 2);
    CHECK_FALSE(queue.run_within(std::chrono::nanoseconds(0)));
    post_two();
    queue.run();
    CHECK(ran == 4);
}

TEST_CASE("waiting ends with the first work, the condition or the limit") {
    WorkQueue queue;
    bool came = false;
    std::thread other([&] { queue.post([&] { came = true; }); });
    CHECK(queue.run_until([&] { return came; }));
    other.join();
    CHECK_FALSE(queue.run_until([] { return false; }, std::chrono::seconds(0)));
    CHECK(queue.run_until([] { return true; }, std::chrono::seconds(0)));
}

TEST_CASE("work that nobody asked for is dropped with the queue") {
    auto held = std::make_shared<int>(1);
    {
        WorkQueue queue;
        queue.post([held] { *held = 2; });
        CHECK(held.use_count() == 2);
    }
    CHECK(held.use_count() == 1);
    CHECK(*held == 1);
}

TEST_SUITE_END();

}  // namespace csim
