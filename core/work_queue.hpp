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
    /// Runs what comes until `condition`; false when it does not hold after `limit` of wall time. The
    /// condition is asked every few milliseconds too, as it may hang on figures that change without a
    /// message.
    template <class Condition>
    bool run_until(Condition condition, std::chrono::seconds limit = std::chrono::seconds(60)) {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > end) return false;
            run_first_within(std::chrono::milliseconds(5));
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
