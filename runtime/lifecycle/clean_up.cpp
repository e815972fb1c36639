// Instances of earlier runs: found by the runtime's mark and their names, stopped by force, removed. Numbers
// are compared, not digits, so that 01 to 50 are found among 001 to 100.
#include "runtime/lifecycle/lifecycle.hpp"

#include <algorithm>

namespace csim {
namespace {

constexpr std::size_t window = 16;  // more would make each wait for its turn, and its limit pass

struct Named {
    std::string name;
    std::uint64_t number = 0;
    NodeState state = NodeState::absent;
};

/// Those that the runtime shows as its own and that are named `prefix` and digits.
std::vector<Named> instances_named(EventLoop& loop, NodeRuntime& runtime, const std::string& prefix) {
    std::vector<Named> found;
    bool listed = false;
    runtime.list(10s, [&](NodeResult<std::vector<NodeInfo>> all) {
        listed = true;
        loop.stop();
        if (!all) return;
        for (const NodeInfo& each : *all) {
            const std::string digits = each.name.starts_with(prefix) ? each.name.substr(prefix.size()) : "x";
            if (digits.empty() || digits.size() > 18 ||
                digits.find_first_not_of("0123456789") != std::string::npos)
                continue;
            found.push_back({each.name, std::stoull(digits), each.state});
        }
    });
    while (!listed) loop.run();
    return found;
}

/// `work` for each, a window of them at a time; it calls its second argument when it is done.
void for_all(
    EventLoop& loop, const std::vector<Named>& all,
    const std::function<void(const std::string&, std::function<void()>)>& work
) {
    std::size_t next = 0, in_flight = 0;
    std::function<void()> fill = [&] {
        while (next < all.size() && in_flight < window) {
            ++in_flight;
            work(all[next++].name, [&] {
                --in_flight;
                fill();
            });
        }
        if (in_flight == 0) loop.stop();
    };
    fill();
    while (in_flight > 0) loop.run();
}

}  // namespace

std::uint64_t count_instances(EventLoop& loop, NodeRuntime& runtime, const std::string& prefix) {
    return instances_named(loop, runtime, prefix).size();
}

CleanedUp stop_instances(EventLoop& loop, NodeRuntime& runtime, const std::string& prefix) {
    CleanedUp did;
    auto all = instances_named(loop, runtime, prefix);
    std::erase_if(all, [](const Named& each) {
        return each.state == NodeState::stopped || each.state == NodeState::created;
    });
    for_all(loop, all, [&](const std::string& name, std::function<void()> done) {
        runtime.stop(name, 0s, 30s, [&did, name, done](NodeResult<Done> stopped) {
            if (stopped)
                ++did.stopped;
            else
                did.left.push_back(name);
            done();
        });
    });
    return did;
}

CleanedUp clean_up_instances(
    EventLoop& loop, NodeRuntime& runtime, const std::string& prefix, const NumberRange& range
) {
    CleanedUp did;
    const auto within = [&range](const Named& each) {
        return each.number >= range.first && each.number <= range.last;
    };
    auto all = instances_named(loop, runtime, prefix);
    std::erase_if(all, [&](const Named& each) { return !within(each); });
    for_all(loop, all, [&](const std::string& name, std::function<void()> done) {
        runtime.stop(name, 0s, 60s, [&, name, done](NodeResult<Done> stopped) {
            did.stopped += stopped ? 1 : 0;
            runtime.destroy(name, 60s, [&did, done](NodeResult<Done> gone) {
                did.removed += gone ? 1 : 0;
                done();
            });
        });
    });
    for (const Named& each : instances_named(loop, runtime, prefix))
        (within(each) ? did.left : did.others).push_back(each.name);
    return did;
}

std::uint64_t remove_instances(EventLoop& loop, NodeRuntime& runtime, const std::string& prefix) {
    return clean_up_instances(loop, runtime, prefix, {}).removed;
}

}  // namespace csim
