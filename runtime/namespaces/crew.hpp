// Threads for calls that block, made as they are needed. Signals never reach them.
#pragma once

#include "core/unique_function.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace csim {

/// Jobs begin in the order in which they came. The threads live until the crew ends, because processes that
/// die with their maker die with the thread that made them.
class Crew {
  public:
    explicit Crew(std::size_t threads_max) : threads_max_(threads_max) {}
    ~Crew() { end(); }
    Crew(const Crew&) = delete;

    /// `thread` numbers the one that runs the job, from 0.
    using Job = UniqueFunction<void(std::size_t thread)>;
    void run(Job job);
    /// Drops what has not begun, waits for what has.
    void end();

  private:
    void work(std::size_t number);

    const std::size_t threads_max_;
    std::mutex mutex_;
    std::condition_variable more_;
    std::deque<Job> jobs_;
    std::vector<std::thread> threads_;
    std::size_t idle_ = 0;
    bool ending_ = false;
};

}  // namespace csim
