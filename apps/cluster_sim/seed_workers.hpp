// Processes that run seeds, and what they tell.
#pragma once

#include "sim/explore/swarm.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace csim {

struct SeedReport {
    std::uint64_t seed = 0;
    std::string invariant;  ///< empty: all went well
    std::string sentence;
    std::uint64_t events = 0;
    double simulated_seconds = 0;
    std::uint64_t digest = 0;
    bool crashed = false;
};

/// Seeds are dealt out in turn. A process that dies is replaced by one that goes on behind the seed that it
/// died of. Create before the program has other threads.
class SeedWorkers {
  public:
    SeedWorkers(std::uint64_t first, std::uint64_t seeds, unsigned jobs);
    ~SeedWorkers();
    SeedWorkers(const SeedWorkers&) = delete;
    SeedWorkers& operator=(const SeedWorkers&) = delete;

    /// The next seed that was run, in order of their ends. Nothing when all were, or after stop().
    std::optional<SeedReport> next();
    /// No further seed is run.
    void stop();

  private:
    struct Worker {
        int pid = 0;
        int pipe = -1;
        std::uint64_t next = 0;  ///< the seed that it runs, or will
        std::string text;        ///< read and not yet understood
    };
    void launch(Worker& worker);
    bool read_from(Worker& worker);
    void died(Worker& worker);

    std::uint64_t end_;
    unsigned jobs_;
    std::vector<Worker> workers_;
    std::deque<SeedReport> ready_;
};

}  // namespace csim
