// A manager's users: requests to its REST API at a constant rate, each timed from when it was meant to start.
#pragma once

#include "benchmark/scale/stage.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace csim {

class RestLoad {
  public:
    /// From now on, on a thread of its own.
    RestLoad(ScaleStage& stage, double requests_per_second);
    ~RestLoad();

    struct Result {
        double p50_ms = 0, p99_ms = 0, max_ms = 0;
        std::size_t requests = 0, errors = 0;
    };
    /// What was measured since the start, or since the last call.
    Result take();

  private:
    void run();

    std::unique_ptr<BlockingRestClient> session_;
    std::chrono::nanoseconds pause_;
    std::mutex mutex_;
    std::condition_variable end_;
    bool ending_ = false;
    std::vector<double> milliseconds_;
    std::size_t errors_ = 0;
    std::thread thread_;
};

}  // namespace csim
