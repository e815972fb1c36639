// Work that other threads leave, kept until its own thread asks for it: for whoever has no EventLoop to run.
#pragma once

#include "core/event_loop.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace csim {

/// Work left unrun when it dies is dropped. Each function but post() only on the thread that owns it.
class WorkQueue final : public Inbox {
  public:
    void post(UniqueFunction<void()> work) override;

    /// Runs what is there, and what comes meanwhile.
    void run();
    /// Waits as long as it takes, then runs one.
    void run_one();
    /// Waits as long as it takes for the first, then runs what is there.
    void run_batch();
    /// Waits at most `limit` of wall time for the first, then runs what is there. False if nothing came.
    bool run_within(std::chrono::nanoseconds limit);
    /// Runs what comes until `condition`; false when it does not hold after waiting in vain for `limit` of
    /// wall time, all waits taken together. The condition is asked every few milliseconds too, as it may hang
    /// on figures that change without a message.
    template <class Condition>
    bool run_until(Condition condition, std::chrono::milliseconds limit = std::chrono::minutes(1)) {
        constexpr std::chrono::milliseconds wait(5);
        while (!condition()) {
            if (run_first_within(wait)) continue;
            if (limit <= wait) return condition();
            limit -= wait;
        }
        return true;
    }

  private:
    bool run_first_within(std::chrono::nanoseconds limit);
    void run_all(std::unique_lock<std::mutex> lock);
    void run_first(std::unique_lock<std::mutex> lock);

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<UniqueFunction<void()>> work_;
};

}  // namespace csim
