#include "benchmark/scale/rest_load.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace csim {
namespace {

constexpr std::array<const char*, 6> paths{
    "api/host/?limit=20", "api/command/?limit=10", "api/alert/?active=true&limit=10",
    "api/host/1/",        "api/volume/?limit=20",  "api/system_status/",
};

double quantile(const std::vector<double>& sorted, double share) {
    if (sorted.empty()) return 0;
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
    return sorted[std::min(rank, sorted.size() - 1)];
}

}  // namespace

RestLoad::RestLoad(ScaleStage& stage, double requests_per_second)
    : session_(stage.new_session()),
      pause_(static_cast<std::int64_t>(1e9 / requests_per_second)),
      thread_([this] { run(); }) {}

RestLoad::~RestLoad() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    end_.notify_one();
    thread_.join();
}

void RestLoad::run() {
    auto intended = BenchClock::now();
    for (std::size_t number = 0;; ++number, intended += pause_) {
        std::unique_lock waiting(mutex_);
        if (end_.wait_until(waiting, intended, [this] { return ending_; })) return;
        waiting.unlock();
        const auto reply = session_->get(paths[number % paths.size()]);
        const double took = seconds_since(intended) * 1e3;
        const std::lock_guard lock(mutex_);
        milliseconds_.push_back(took);
        if (!reply || !reply->ok()) ++errors_;
    }
}

RestLoad::Result RestLoad::take() {
    std::unique_lock lock(mutex_);
    auto measured = std::exchange(milliseconds_, {});
    const std::size_t errors = std::exchange(errors_, 0);
    lock.unlock();
    std::sort(measured.begin(), measured.end());
    return {
        quantile(measured, 0.5), quantile(measured, 0.99), measured.empty() ? 0 : measured.back(),
        measured.size(), errors};
}

}  // namespace csim
