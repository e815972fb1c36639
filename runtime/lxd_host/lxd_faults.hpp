// What can be made to go wrong on a simulated LXD host, as rows, and which of it does right now.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/rng.hpp"
#include "runtime/lxd_host/lxd_api.hpp"
#include "runtime/node_types.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// One fault that was set. Fields that its kind does not use stay at their defaults.
struct LxdFault {
    std::uint64_t id = 0;
    std::string kind;
    std::string method;       ///< of requests; empty: any
    std::string path;         ///< of requests, the beginning; empty: any
    std::string name;         ///< of an instance; empty: any
    std::string phase;        ///< create, start, stop, destroy, exec
    std::string text;         ///< of the error
    unsigned code = 500;      ///< of the error
    std::int64_t ms = 1000;   ///< of delays and skews
    std::int64_t bytes = 20;  ///< of the body that is sent before the cut; of an upload, each second
    double recovers = 0;      ///< chance that a forced stop ends a wedge
    double rate = 1;          ///< chance of each time
    std::int64_t times = -1;  ///< how often it still happens; -1: until it is cleared
    std::uint64_t hits = 0;
};

struct LxdFaultKind {
    std::string_view name;
    std::string_view says;
};

/// All kinds, in the order of their names.
const std::vector<LxdFaultKind>& lxd_fault_kinds();

class LxdFaults {
  public:
    explicit LxdFaults(Rng chance) : chance_(std::move(chance)) {}

    /// Fails with bad_argument: an unknown kind, key or phase, a value out of range.
    Result<std::uint64_t> set(const Json& fault);
    bool clear(std::uint64_t id);
    void clear_all() { faults_.clear(); }
    Json shown() const;

    /// The first fault of the kind that strikes this request or instance, and counts it; nullptr: none does.
    const LxdFault* strikes(std::string_view kind, const LxdCall& call);
    const LxdFault* strikes(std::string_view kind, std::string_view phase, std::string_view name);
    /// Whether one of the kind is set at all.
    const LxdFault* find(std::string_view kind) const;
    /// Draws for this one.
    bool hit(std::string_view kind);

  private:
    bool draw(LxdFault& fault);
    std::vector<LxdFault> faults_;
    Rng chance_;
    std::uint64_t last_ = 0;
};

}  // namespace csim
