// Locks in order of planning.
#include "manager/jobs/lock_table.hpp"

#include <algorithm>

namespace csim {

void LockTable::add(const JobRow& job) {
    for (const LockPart& lock : job.locks) {
        held_[lock.item].push_back({job.id, lock.write, lock.end_state});
        changes_.touch(watched_table(lock.item.kind));
    }
}

void LockTable::remove(const JobRow& job) {
    for (const LockPart& lock : job.locks) {
        auto at = held_.find(lock.item);
        if (at == held_.end()) continue;
        std::erase_if(at->second, [&](const Held& held) { return held.job == job.id; });
        if (at->second.empty()) held_.erase(at);
        changes_.touch(watched_table(lock.item.kind));
    }
}

LockHolders LockTable::holders(ObjectRef object) const {
    LockHolders holders;
    auto at = held_.find(object);
    if (at == held_.end()) return holders;
    for (const Held& held : at->second) (held.write ? holders.write : holders.read).push_back(held.job);
    return holders;
}

bool LockTable::write_held(ObjectRef object) const {
    auto at = held_.find(object);
    return at != held_.end() && std::any_of(at->second.begin(), at->second.end(), [](const Held& h) { return h.write; });
}

std::optional<std::string> LockTable::pending_state(ObjectRef object) const {
    auto at = held_.find(object);
    if (at == held_.end()) return std::nullopt;
    for (auto held = at->second.rbegin(); held != at->second.rend(); ++held) {
        if (held->write && !held->end_state.empty()) return held->end_state;
    }
    return std::nullopt;
}

std::optional<std::int64_t> LockTable::latest_writer(ObjectRef object) const {
    auto at = held_.find(object);
    if (at == held_.end()) return std::nullopt;
    for (auto held = at->second.rbegin(); held != at->second.rend(); ++held) {
        if (held->write) return held->job;
    }
    return std::nullopt;
}

std::set<std::int64_t> LockTable::waits(const LockPart& lock) const {
    std::set<std::int64_t> jobs;
    auto at = held_.find(lock.item);
    if (at == held_.end()) return jobs;
    for (auto held = at->second.rbegin(); held != at->second.rend(); ++held) {
        if (held->write) {
            jobs.insert(held->job);
            break;
        }
        if (lock.write) jobs.insert(held->job);
    }
    return jobs;
}

}  // namespace csim
