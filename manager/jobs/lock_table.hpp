// Which incomplete jobs hold which objects, in order of planning.
#pragma once

#include "manager/model/changes.hpp"
#include "manager/model/job_rows.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace csim {

struct LockHolders {
    std::vector<std::int64_t> read;
    std::vector<std::int64_t> write;
};

/// Rebuilt from the jobs; nothing of it is saved by itself.
class LockTable {
  public:
    explicit LockTable(Changes& changes) : changes_(changes) {}

    void add(const JobRow& job);
    void remove(const JobRow& job);

    LockHolders holders(ObjectRef object) const;
    bool held(ObjectRef object) const { return held_.contains(object); }
    bool write_held(ObjectRef object) const;
    /// The state that the latest pending state change leaves the object in.
    std::optional<std::string> pending_state(ObjectRef object) const;
    /// The job that brings the object there.
    std::optional<std::int64_t> latest_writer(ObjectRef object) const;
    /// The jobs that a new holder of `lock` has to wait for.
    std::set<std::int64_t> waits(const LockPart& lock) const;

  private:
    /// Jobs are numbered in the order of planning, so the order of numbers is that of the locks.
    struct Held {
        std::set<std::int64_t> readers;
        std::map<std::int64_t, std::string> writers;  ///< with the state that the job leaves the object in
    };
    Changes& changes_;
    std::map<ObjectRef, Held> held_;
};

}  // namespace csim
