#include "runtime/lifecycle/lifecycle.hpp"

#include "runtime/lifecycle/walk.hpp"

#include <algorithm>
#include <cstdio>

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
    const auto walk = std::make_shared<Walk>(timeline_, runtime_, options_, report_.instances[index]);
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

// A wedged daemon may not even list; then whatever did not end well counts.
void Lifecycle::count_leftovers() {
    bool answered = false;
    runtime_.list(options_.limits.at(NodePhase::list), [&](NodeResult<std::vector<NodeInfo>> all) {
        answered = true;
        if (all) {
            report_.leftovers =
                static_cast<std::uint64_t>(std::count_if(all->begin(), all->end(), [&](const NodeInfo& each) {
                    return each.name.starts_with(options_.prefix);
                }));
        } else {
            report_.leftovers = report_.count(InstanceEnd::wedged) + report_.count(InstanceEnd::failed);
        }
        loop_.stop();
    });
    while (!answered) loop_.run();
}

namespace {

/// Those that the runtime shows as its own and that are named `prefix` and digits.
std::vector<std::string> instances_named(EventLoop& loop, NodeRuntime& runtime, const std::string& prefix) {
    std::vector<std::string> names;
    bool listed = false;
    runtime.list(10s, [&](NodeResult<std::vector<NodeInfo>> all) {
        listed = true;
        loop.stop();
        if (!all) return;
        for (const NodeInfo& each : *all) {
            const std::string digits = each.name.starts_with(prefix) ? each.name.substr(prefix.size()) : "x";
            if (!digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos)
                names.push_back(each.name);
        }
    });
    while (!listed) loop.run();
    return names;
}

}  // namespace

std::uint64_t count_instances(EventLoop& loop, NodeRuntime& runtime, const std::string& prefix) {
    return instances_named(loop, runtime, prefix).size();
}

std::uint64_t remove_instances(EventLoop& loop, NodeRuntime& runtime, const std::string& prefix) {
    constexpr std::size_t window = 16;  // more would make each of them wait for its turn, and its limit pass
    const std::vector<std::string> names = instances_named(loop, runtime, prefix);
    std::uint64_t removed = 0;
    std::size_t next = 0, in_flight = 0;
    std::function<void()> fill = [&] {
        while (next < names.size() && in_flight < window) {
            ++in_flight;
            runtime.stop(names[next], 0s, 60s, [&, name = names[next]](NodeResult<Done>) {
                runtime.destroy(name, 60s, [&](NodeResult<Done> gone) {
                    removed += gone ? 1 : 0;
                    --in_flight;
                    fill();
                });
            });
            ++next;
        }
        if (in_flight == 0) loop.stop();
    };
    fill();
    while (in_flight > 0) loop.run();
    return removed;
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
