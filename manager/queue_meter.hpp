// How much passes through an internal queue, as the status page of the manager tells it.
#pragma once

#include "core/timeline.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace csim {

struct QueueFigures {
    std::string name;
    std::size_t messages = 0;
    double publish_rate = 0;  ///< per second
    double ack_rate = 0;
};

/// Events per second over the last five whole seconds.
class RateMeter {
  public:
    void add(SimTime now, std::uint64_t events);
    double rate(SimTime now) const;

  private:
    static constexpr std::int64_t seconds = 5;
    struct Second {
        std::int64_t second = -1;
        std::uint64_t events = 0;
    };
    std::array<Second, seconds + 1> ring_{};
};

class QueueMeter {
  public:
    explicit QueueMeter(std::string name) : name_(std::move(name)) {}
    void published(SimTime now, std::uint64_t messages = 1) { published_.add(now, messages); }
    void acknowledged(SimTime now, std::uint64_t messages = 1) { acknowledged_.add(now, messages); }
    QueueFigures figures(SimTime now, std::size_t waiting) const {
        return {name_, waiting, published_.rate(now), acknowledged_.rate(now)};
    }

  private:
    std::string name_;
    RateMeter published_, acknowledged_;
};

}  // namespace csim
