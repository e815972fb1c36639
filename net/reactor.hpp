// One I/O thread: readiness of sockets (epoll), time-outs, and work posted by other threads, in batches.
// Level-triggered and without per-operation state, so that an idle connection costs the kernel's share only.
#pragma once

#include "core/unique_function.hpp"
#include "net/deadline_wheel.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace csim {

/// What the reactor tells about a descriptor.
class Watcher {
  public:
    virtual ~Watcher() = default;
    /// `events` as of epoll. May remove and retire itself.
    virtual void ready(std::uint32_t events) = 0;
};

/// All members but post() on the reactor's own thread, or before start(), or after stop().
class Reactor {
  public:
    /// Throws Fatal when the system has no descriptors left.
    explicit Reactor(const char* thread_name);
    ~Reactor();  ///< stops
    Reactor(const Reactor&) = delete;

    void start();
    /// Returns when the thread has ended. Work posted and not run yet is dropped by the destructor.
    void stop();
    /// Runs `work` on the reactor's thread. Thread-safe.
    void post(UniqueFunction<void()> work);

    /// Errors are those of epoll_ctl: 0 or errno.
    int add(int fd, std::uint32_t events, Watcher& watcher);
    void change(int fd, std::uint32_t events, Watcher& watcher);
    /// Before every close(): a child process that has just been forked shares the descriptors until it
    /// becomes another program, and the kernel forgets a socket only when nobody has it open any more.
    void remove(int fd);
    /// Destroys `watcher` after the current batch; until then ready() may still be called.
    void retire(std::unique_ptr<Watcher> watcher);

    void arm(Deadline& deadline, std::chrono::nanoseconds span) { wheel_.arm(deadline, now_, span); }
    /// The steady clock at the beginning of the batch.
    DeadlineWheel::Clock::time_point now() const { return now_; }

    /// Runs after each batch: the place to hand results over in one go.
    void after_batch(UniqueFunction<void()> hook) { after_batch_ = std::move(hook); }
    /// A buffer for whoever reads right now.
    std::span<char> scratch() { return scratch_; }

  private:
    void run();
    void run_posted();
    void wait_and_dispatch();

    const char* thread_name_;
    int epoll_ = -1;
    int wake_ = -1;
    std::atomic<bool> stopping_{false};
    DeadlineWheel::Clock::time_point now_;
    DeadlineWheel wheel_;
    UniqueFunction<void()> after_batch_;
    std::vector<std::unique_ptr<Watcher>> retired_;
    std::vector<char> scratch_;

    std::mutex mutex_;
    std::vector<UniqueFunction<void()>> posted_;
    std::thread thread_;
};

}  // namespace csim
