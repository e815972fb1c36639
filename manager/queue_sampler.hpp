// Rates of queues that only count: looked at once a second.
#pragma once

#include "core/timeline.hpp"
#include "manager/queue_meter.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace csim {

/// Since the start, and now.
struct QueueReading {
    std::uint64_t published = 0;
    std::size_t waiting = 0;  ///< the others were acknowledged
};

class QueueSampler {
  public:
    explicit QueueSampler(Timeline& timeline) : timeline_(timeline) {}
    ~QueueSampler() { timeline_.cancel(timer_); }

    /// `read` is called every second. Call before start().
    void add(std::string name, std::function<QueueReading()> read);
    /// What was counted before this does not count.
    void start();
    std::vector<QueueFigures> figures() const;

  private:
    struct Sampled {
        std::function<QueueReading()> read;
        QueueMeter meter;
        std::uint64_t published = 0, acknowledged = 0;
    };
    void tick();
    void sample();

    Timeline& timeline_;
    EventId timer_;
    std::vector<Sampled> queues_;
};

}  // namespace csim
