#include "manager/jobs/deployment_pace.hpp"

#include <algorithm>
#include <utility>

namespace csim {

DeploymentPace::DeploymentPace(Timeline& timeline, std::function<void()> look, DeploymentPaceOptions options)
    : timeline_(timeline), look_(std::move(look)), options_(options) {}

DeploymentPace::~DeploymentPace() {
    if (armed_) timeline_.cancel(timer_);
}

void DeploymentPace::arrived(const std::vector<std::int64_t>& jobs) {
    const SimTime now = timeline_.now();
    arrivals_.push_back(now);
    while (now - arrivals_.front() >= 1s) arrivals_.pop_front();
    if (arrivals_.size() > options_.storm_above) storm_until_ = now + options_.calm;
    for (std::int64_t job : jobs) waiting_.push_back({job, now});
}

std::optional<std::int64_t> DeploymentPace::next() {
    if (waiting_.empty()) return std::nullopt;
    const SimTime now = timeline_.now();
    const SimTime allowed = std::min(storm_until_, waiting_.front().since + options_.patience);
    if (now < allowed) return wake_at(allowed), std::nullopt;
    if (now - batch_began_ >= options_.pause) batch_began_ = now, in_batch_ = 0;
    if (in_batch_ >= options_.at_once) return wake_at(batch_began_ + options_.pause), std::nullopt;
    ++in_batch_;
    const std::int64_t job = waiting_.front().job;
    waiting_.pop_front();
    return job;
}

void DeploymentPace::wake_at(SimTime when) {
    if (std::exchange(armed_, true)) return;
    timer_ = timeline_.at(when, [this] {
        armed_ = false;
        look_();
    });
}

void DeploymentPace::drop(std::int64_t job) {
    std::erase_if(waiting_, [&](const Waiting& each) { return each.job == job; });
}

}  // namespace csim
