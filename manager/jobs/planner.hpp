// From a wished state to the state changes that lead there, dependencies first.
// Source: the manager API, §3.3.
#pragma once

#include "core/result.hpp"
#include "manager/jobs/job_class.hpp"
#include "manager/jobs/lock_table.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace csim {

/// One state change of one object.
struct Hop {
    ObjectRef object;
    std::string from;
    std::string to;
    const JobClass* job = nullptr;
    std::vector<std::size_t> after;  ///< hops of the plan that come first
    int depth = 0;
};

/// Hops in an order that can be executed.
struct Plan {
    std::vector<Hop> hops;
};

class Planner {
  public:
    /// `locks` nullptr: plans from committed states alone, and creates nothing, as a dry run does.
    Planner(Model& model, const LockTable* locks) : model_(model), locks_(locks) {}

    /// Adds what brings `object` to `state`. Errors: conflict, with the reason.
    Result<Nothing> add(ObjectRef object, const std::string& state);
    /// Everything added so far, sorted.
    Plan finish();
    /// The state in which pending jobs leave the object.
    std::string expected_state(ObjectRef object) const;

  private:
    using Assumed = std::map<ObjectRef, std::string>;
    struct NoRoute {
        std::string text;
    };
    std::optional<std::size_t> plan(ObjectRef object, const std::string& state, Assumed assumed);
    std::size_t add_hop(ObjectRef object, const Transition& transition, const Assumed& assumed);
    void add_job_needs(std::size_t hop, const Assumed& assumed);
    void add_state_needs(std::size_t hop, const Assumed& assumed);
    void add_dependents(std::size_t hop, const Assumed& assumed);
    void wait(std::size_t hop, std::optional<std::size_t> before);
    int depth(std::size_t hop);
    void keep_until_needed();
    bool comes_after(std::size_t hop, std::size_t other) const;

    Model& model_;
    const LockTable* locks_;
    struct Kept {
        std::size_t hop;  ///< whose job needs the object as it is
        Dependency need;
    };
    std::vector<Hop> hops_;
    std::map<ObjectRef, std::vector<Kept>> kept_;
    std::map<std::pair<ObjectRef, std::pair<std::string, std::string>>, std::size_t> known_;
};

}  // namespace csim
