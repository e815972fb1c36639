// The recursion over dependencies in both directions.
#include "manager/jobs/planner.hpp"

#include <algorithm>
#include <numeric>
#include <set>

namespace csim {

std::string Planner::expected_state(ObjectRef object) const {
    if (locks_ != nullptr) {
        if (auto pending = locks_->pending_state(object)) return *pending;
    }
    const Status* status = model_.status(object);
    return status == nullptr ? std::string() : status->state;
}

Result<Nothing> Planner::add(ObjectRef object, const std::string& state) {
    try {
        plan(object, state, {});
        return Nothing{};
    } catch (const NoRoute& none) {
        return Error{Errc::conflict, none.text};
    }
}

std::optional<std::size_t> Planner::plan(ObjectRef object, const std::string& state, Assumed assumed) {
    const std::string from = expected_state(object);
    if (from == state) return std::nullopt;
    const StatefulClass* of = stateful_class(object.kind);
    const auto hops = route(*of, from, state);
    if (hops.empty())
        throw NoRoute{from + "->" + state + " not legal state transition for " + std::string(of->name)};
    assumed[object] = state;
    std::optional<std::size_t> last;
    for (const Transition* transition : hops) {
        std::size_t hop = add_hop(object, *transition, assumed);
        wait(hop, last);
        last = hop;
    }
    return last;
}

std::size_t Planner::add_hop(ObjectRef object, const Transition& transition, const Assumed& assumed) {
    const auto key = std::make_pair(object, std::make_pair(transition.from, transition.to));
    auto [at, is_new] = known_.emplace(key, hops_.size());
    if (!is_new) return at->second;
    const std::size_t hop = hops_.size();
    const JobClass* job = find_job_class(transition.job);
    hops_.push_back({object, transition.from, transition.to, job, {}, 0});
    if (locks_ != nullptr && job->prepare != nullptr) job->prepare(model_, object);
    add_job_needs(hop, assumed);
    add_state_needs(hop, assumed);
    add_dependents(hop, assumed);
    return hop;
}

void Planner::add_job_needs(std::size_t hop, const Assumed& assumed) {
    const JobClass* job = hops_[hop].job;
    if (job->needs == nullptr) return;
    for (const Dependency& need : job->needs(model_, hops_[hop].object)) {
        if (acceptable(need, expected_state(need.object))) {
            kept_[need.object].push_back({hop, need});
        } else {
            wait(hop, plan(need.object, need.preferred, assumed));
        }
    }
}

/// What a job finds in the right state must not leave it before the job has run: an MGS stops after its
/// filesystems were purged.
void Planner::keep_until_needed() {
    for (std::size_t leaving = 0; leaving < hops_.size(); ++leaving) {
        auto at = kept_.find(hops_[leaving].object);
        if (at == kept_.end()) continue;
        for (const Kept& kept : at->second) {
            const bool leaves =
                acceptable(kept.need, hops_[leaving].from) && !acceptable(kept.need, hops_[leaving].to);
            if (leaves && !comes_after(kept.hop, leaving)) wait(leaving, kept.hop);
        }
    }
}

bool Planner::comes_after(std::size_t hop, std::size_t other) const {
    std::set<std::size_t> seen;
    std::vector<std::size_t> open{hop};
    while (!open.empty()) {
        const std::size_t next = open.back();
        open.pop_back();
        if (next == other) return true;
        if (!seen.insert(next).second) continue;
        open.insert(open.end(), hops_[next].after.begin(), hops_[next].after.end());
    }
    return false;
}

void Planner::add_state_needs(std::size_t hop, const Assumed& assumed) {
    const StatefulClass* of = stateful_class(hops_[hop].object.kind);
    if (of->needs == nullptr) return;
    for (const Dependency& need : of->needs(model_, hops_[hop].object, hops_[hop].to)) {
        if (assumed.contains(need.object) || acceptable(need, expected_state(need.object))) continue;
        wait(hop, plan(need.object, need.preferred, assumed));
    }
}

void Planner::add_dependents(std::size_t hop, const Assumed& assumed) {
    const ObjectRef object = hops_[hop].object;
    const StatefulClass* of = stateful_class(object.kind);
    if (of->dependents == nullptr) return;
    const std::string to = hops_[hop].to;
    for (ObjectRef dependent : of->dependents(model_, object)) {
        const StatefulClass* theirs = stateful_class(dependent.kind);
        if (assumed.contains(dependent) || theirs == nullptr || theirs->needs == nullptr) continue;
        for (const Dependency& need : theirs->needs(model_, dependent, expected_state(dependent))) {
            if (need.object != object || acceptable(need, to)) continue;
            wait(hop, plan(dependent, need.fix, assumed));
        }
    }
}

void Planner::wait(std::size_t hop, std::optional<std::size_t> before) {
    if (before && *before != hop) hops_[hop].after.push_back(*before);
}

int Planner::depth(std::size_t hop) {
    int& known = hops_[hop].depth;
    if (known != 0) return known;
    known = 1;  // ends the recursion, should tables ever hold a circle
    int deepest = 0;
    for (std::size_t before : hops_[hop].after) deepest = std::max(deepest, depth(before));
    hops_[hop].depth = deepest + 1;
    return deepest + 1;
}

Plan Planner::finish() {
    keep_until_needed();
    std::vector<std::size_t> order(hops_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t hop : order) depth(hop);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
        return hops_[a].depth < hops_[b].depth;
    });
    Plan plan;
    for (std::size_t hop : order) plan.hops.push_back(hops_[hop]);
    return plan;
}

}  // namespace csim
