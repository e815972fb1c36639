// The simulated cluster as a benchmark drives it: one inside this process, or a running cluster-sim.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "sim/control/rpc.hpp"
#include "sim/manager_url.hpp"

#include <functional>
#include <memory>
#include <string>

namespace csim {

/// What a cluster tells of itself, a second old at most.
struct ClusterVitals {
    double lag_ms = 0;  ///< how far its events ran behind the wall
    std::int64_t nodes = 0;
    std::int64_t sessions_open = 0;
    std::int64_t agents_running = 0;
};

/// Every operation of the control port. Thread-safe.
class ClusterPort {
  public:
    virtual ~ClusterPort() = default;
    /// Waits for the answer; `give_up` is asked now and then. Errors: as the operation; unreachable when
    /// nobody answers; exhausted when `give_up` said so.
    virtual Result<Answer> call(
        const std::string& operation, const Json& parameters, const std::function<bool()>& give_up
    ) = 0;
    virtual ClusterVitals vitals() const = 0;
};

/// A cluster without servers, in memory, on threads of its own. Throws Fatal when it cannot be had.
std::unique_ptr<ClusterPort> embedded_cluster(const ManagerUrl& manager, std::uint64_t seed);

/// Throws Fatal when no simulator answers there, or it lives under another manager.
std::unique_ptr<ClusterPort> remote_cluster(const ManagerUrl& control, const std::string& token);

}  // namespace csim
