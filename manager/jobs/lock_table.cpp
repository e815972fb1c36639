// Locks in order of planning.
#include "manager/jobs/lock_table.hpp"

namespace csim {

void LockTable::add(const JobRow& job) {
    for (const LockPart& lock : job.locks) {
        Held& held = held_[lock.item];
        if (lock.write) {
            held.writers[job.id] = lock.end_state;
        } else {
            held.readers.insert(job.id);
        }
        changes_.touch(watched_table(lock.item.kind));
    }
}

void LockTable::remove(const JobRow& job) {
    for (const LockPart& lock : job.locks) {
        auto at = held_.find(lock.item);
        if (at == held_.end()) continue;
        at->second.readers.erase(job.id);
        at->second.writers.erase(job.id);
        if (at->second.readers.empty() && at->second.writers.empty()) held_.erase(at);
        changes_.touch(watched_table(lock.item.kind));
    }
}

LockHolders LockTable::holders(ObjectRef object) const {
    LockHolders holders;
    auto at = held_.find(object);
    if (at == held_.end()) return holders;
    holders.read.assign(at->second.readers.begin(), at->second.readers.end());
    for (const auto& writer : at->second.writers) holders.write.push_back(writer.first);
    return holders;
}

bool LockTable::write_held(ObjectRef object) const {
    auto at = held_.find(object);
    return at != held_.end() && !at->second.writers.empty();
}

std::optional<std::string> LockTable::pending_state(ObjectRef object) const {
    auto at = held_.find(object);
    if (at == held_.end()) return std::nullopt;
    const auto& writers = at->second.writers;
    for (auto writer = writers.rbegin(); writer != writers.rend(); ++writer) {
        if (!writer->second.empty()) return writer->second;
    }
    return std::nullopt;
}

std::optional<std::int64_t> LockTable::latest_writer(ObjectRef object) const {
    auto at = held_.find(object);
    if (at == held_.end() || at->second.writers.empty()) return std::nullopt;
    return at->second.writers.rbegin()->first;
}

std::set<std::int64_t> LockTable::waits(const LockPart& lock) const {
    std::set<std::int64_t> jobs;
    auto at = held_.find(lock.item);
    if (at == held_.end()) return jobs;
    const auto& [readers, writers] = at->second;
    const std::int64_t last_writer = writers.empty() ? 0 : writers.rbegin()->first;
    if (last_writer != 0) jobs.insert(last_writer);
    if (lock.write) jobs.insert(readers.upper_bound(last_writer), readers.end());
    return jobs;
}

}  // namespace csim
