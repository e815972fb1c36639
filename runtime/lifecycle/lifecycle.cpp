#include "runtime/lifecycle/lifecycle.hpp"

#include "runtime/lifecycle/walk.hpp"

#include <algorithm>
#include <cstdio>
#include <set>

namespace csim {

std::map<NodePhase, Duration> LifecycleOptions::usual_limits() {
    return {{NodePhase::create, 30s}, {NodePhase::start, 60s},   {NodePhase::exec, 30s},
            {NodePhase::stop, 40s},   {NodePhase::destroy, 60s}, {NodePhase::list, 2s}};
}

std::string_view text_of(InstanceEnd end) {
    switch (end) {
        case InstanceEnd::ok:
            return "ok";
        case InstanceEnd::failed:
            return "failed";
        case InstanceEnd::wedged:
            return "wedged";
        case InstanceEnd::leaked:
            return "leaked";
        case InstanceEnd::not_started:
            return "not_started";
    }
    return "";
}

std::uint64_t LifecycleReport::count(InstanceEnd end) const {
    return static_cast<std::uint64_t>(
        std::count_if(instances.begin(), instances.end(), [end](const auto& each) { return each.end == end; })
    );
}

const InstanceRecord* LifecycleReport::first_wedge() const {
    const InstanceRecord* first = nullptr;
    for (const InstanceRecord& each : instances)
        if (each.end == InstanceEnd::wedged &&
            (first == nullptr || each.phases.back().began < first->phases.back().began))
            first = &each;
    return first;
}

std::vector<std::string> instance_names(const LifecycleOptions& options) {
    const std::size_t width = std::max(options.width, std::to_string(options.count).size());
    std::vector<std::string> names;
    for (std::uint64_t i = 1; i <= options.count; ++i) {
        std::string digits = std::to_string(i);
        digits.insert(0, width - digits.size(), '0');
        names.push_back(options.prefix + digits);
    }
    return names;
}

std::string stamp_text(SimTime at) {
    char text[40];
    std::snprintf(
        text, sizeof text, "%lld.%09lld", static_cast<long long>(at.unix_ns() / 1'000'000'000),
        static_cast<long long>(at.unix_ns() % 1'000'000'000)
    );
    return text;
}

Lifecycle::Lifecycle(EventLoop& loop, Timeline& timeline, NodeRuntime& runtime, LifecycleOptions options)
    : loop_(loop), timeline_(timeline), runtime_(runtime), options_(std::move(options)) {
    for (const std::string& name : instance_names(options_)) report_.instances.push_back({name});
    walks_.resize(report_.instances.size());
}

LifecycleReport Lifecycle::run(const std::function<void(const InstanceRecord&)>& told) {
    told_ = told;
    const SimTime began = timeline_.now();
    fill();
    while (in_flight_ > 0) loop_.run();
    report_.wall = timeline_.now() - began;
    if (!options_.overlay) count_leftovers();
    return report_;
}

void Lifecycle::fill() {
    const bool may = !options_.batch || in_flight_ == 0;
    while (may && !stopping_ && next_ < walks_.size() && in_flight_ < options_.jobs) begin(next_++);
}

void Lifecycle::begin(std::size_t index) {
    ++in_flight_;
    report_.peak = std::max(report_.peak, in_flight_);
    const auto walk =
        std::make_shared<Walk>(timeline_, runtime_, options_, report_.instances[index], phases_ended_);
    walks_[index] = walk;
    walk->go([this, index](InstanceEnd end) { ended(index, end); });
}

void Lifecycle::ended(std::size_t index, InstanceEnd end) {
    InstanceRecord& record = report_.instances[index];
    record.end = end;
    if (end != InstanceEnd::ok) record.in_flight = in_flight_;
    if (end == InstanceEnd::wedged && options_.stop_on_wedge) stopping_ = true;
    --in_flight_;
    if (told_) told_(record);
    fill();
    if (in_flight_ == 0) loop_.stop();
}

std::vector<const InstanceRecord*> Lifecycle::going() const {
    std::vector<const InstanceRecord*> all;
    for (std::size_t i = 0; i < next_; ++i)
        if (const auto end = report_.instances[i].end;
            end == InstanceEnd::not_started || end == InstanceEnd::wedged)
            all.push_back(&report_.instances[i]);
    return all;
}

// A wedged daemon may not even list; then whatever did not end well counts.
void Lifecycle::count_leftovers() {
    bool answered = false;
    runtime_.list(options_.limits.at(NodePhase::list), [&](NodeResult<std::vector<NodeInfo>> all) {
        answered = true;
        loop_.stop();
        if (!all) {
            report_.leftovers = report_.count(InstanceEnd::wedged) + report_.count(InstanceEnd::failed);
            return;
        }
        std::set<std::string> there;
        for (const NodeInfo& each : *all)
            if (each.name.starts_with(options_.prefix)) there.insert(each.name);
        report_.leftovers = there.size();
        for (InstanceRecord& each : report_.instances)
            if (each.end == InstanceEnd::ok && there.contains(each.name)) each.end = InstanceEnd::leaked;
    });
    while (!answered) loop_.run();
}

Result<LifecycleScenario> lifecycle_scenario(const std::string& name) {
    LifecycleScenario scenario{*host_model("lxd-2015"), {}};
    scenario.options.client = scenario.model.client;
    if (name == "cnd-4x10") return scenario;
    if (name != "cnd-25x50")
        return Error{
            Errc::not_found, "there is no scenario '" + name + "'; there are cnd-4x10 and cnd-25x50"};
    scenario.options.count = 50;
    scenario.options.jobs = 25;
    scenario.model.wedge.p0 = 0.25;
    scenario.model.wedge.list_blocks = 0.3;
    return scenario;
}

}  // namespace csim
