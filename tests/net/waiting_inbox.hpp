// An inbox for tests over real sockets: the test's own thread runs what arrives until a condition holds.
#pragma once

#include "core/event_loop.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace csim {

class WaitingInbox final : public Inbox {
  public:
    void post(UniqueFunction<void()> work) override {
        const std::lock_guard lock(mutex_);
        work_.push_back(std::move(work));
        arrived_.notify_one();
    }

    /// Runs work until `condition`, with a limit that only a hanging test reaches.
    template <class Condition>
    bool run_until(Condition condition, std::chrono::seconds limit = std::chrono::seconds(60)) {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > end) return false;
            run_one();
        }
        return true;
    }

  private:
    void run_one() {
        std::unique_lock lock(mutex_);
        // Conditions may also hang on figures that change without a message.
        arrived_.wait_for(lock, std::chrono::milliseconds(5), [&] { return !work_.empty(); });
        if (work_.empty()) return;
        auto work = std::move(work_.front());
        work_.pop_front();
        lock.unlock();
        work();
    }

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<UniqueFunction<void()>> work_;
};

}  // namespace csim
