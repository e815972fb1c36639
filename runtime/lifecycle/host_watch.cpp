#include "runtime/lifecycle/host_watch.hpp"

#include "core/duration_text.hpp"

#include <fstream>
#include <sstream>

namespace csim {

HostWatch::HostWatch(
    Timeline& timeline, NodeRuntime& runtime, HostWatchOptions options, std::function<Progress()> progress
)
    : timeline_(timeline), runtime_(runtime), options_(std::move(options)), progress_(std::move(progress)) {}

void HostWatch::begin(std::function<void(const WatchSample&)> told) {
    told_ = std::move(told);
    on_ = true;
    began_ = moved_ = timeline_.now();
    probe();
}

void HostWatch::end() {
    if (!on_) return;
    on_ = false;
    alive_.reset();
    timeline_.cancel(next_);
    runtime_.cancel(asking_);
}

void HostWatch::probe() {
    const SimTime asked = timeline_.now();
    asking_ = runtime_.list(
        options_.limit,
        [this, asked, alive = std::weak_ptr(alive_)](NodeResult<std::vector<NodeInfo>> all) {
            if (!alive.expired()) answered(asked, all);
        }
    );
}

void HostWatch::answered(SimTime asked, const NodeResult<std::vector<NodeInfo>>& all) {
    WatchSample sample;
    sample.at = asked - began_;
    sample.list = timeline_.now() - asked;
    sample.answered = all.has_value();
    if (all)
        for (const NodeInfo& each : *all)
            if (each.name.starts_with(options_.prefix)) ++sample.known, ++sample.states[each.state];
    if (options_.mounts) sample.overlays = overlay_mounts();
    samples_.push_back(sample);
    if (told_) told_(sample);
    judge(sample);
    next_ = timeline_.after(options_.interval, [this] { probe(); });
}

void HostWatch::judge(const WatchSample& sample) {
    const Progress now = progress_();
    if (now.ended != ended_ || now.in_flight == 0) moved_ = timeline_.now();
    ended_ = now.ended;
    misses_ = sample.answered ? 0 : misses_ + 1;
    if (!wedged_.empty()) return;
    if (misses_ >= options_.misses_max)
        wedged_ = "the host did not answer its list " + std::to_string(misses_) + " times in a row";
    else if (timeline_.now() - moved_ >= options_.silence)
        wedged_ = "no operation has ended for " + duration_text(options_.silence) + " with " +
                  std::to_string(now.in_flight) + " instances in flight";
    if (!wedged_.empty() && on_wedge) on_wedge(wedged_);
}

std::uint64_t overlay_mounts() {
    std::ifstream in("/proc/self/mounts");
    std::uint64_t count = 0;
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        std::string source, path, type;
        words >> source >> path >> type;
        count += type == "overlay" ? 1 : 0;
    }
    return count;
}

}  // namespace csim
