#include "sim/control/traffic_meter.hpp"

namespace csim {
namespace {

constexpr Duration look_every = 1s;
constexpr std::size_t samples_max = 6;  // five intervals

}  // namespace

TrafficMeter::TrafficMeter(Timeline& timeline, const AgentNetwork& network)
    : timeline_(timeline), network_(network) {
    look();
}

TrafficMeter::~TrafficMeter() {
    timeline_.cancel(next_);
}

void TrafficMeter::look() {
    samples_.push_back({timeline_.now(), network_.stats()});
    if (samples_.size() > samples_max) samples_.pop_front();
    next_ = timeline_.after(look_every, [this] { look(); });
}

TrafficRates TrafficMeter::rates() const {
    const Sample& then = samples_.front();
    const double seconds = std::chrono::duration<double>(timeline_.now() - then.at).count();
    if (seconds <= 0) return {};
    const NetworkStats now = network_.stats();
    const auto rate = [seconds](std::uint64_t before, std::uint64_t after) {
        return static_cast<double>(after - before) / seconds;
    };
    return {
        rate(then.stats.requests, now.requests), rate(then.stats.failures, now.failures),
        rate(then.stats.bytes_sent, now.bytes_sent), rate(then.stats.bytes_received, now.bytes_received)};
}

}  // namespace csim
