// Watches a manager from a thread of its own: probes, its status page, its process, the kernel, ourselves.
// Also carries the requests of whoever drives the manager meanwhile.
#pragma once

#include "benchmark/drive/cluster_port.hpp"
#include "benchmark/measure/interval.hpp"
#include "benchmark/measure/probe_ledger.hpp"
#include "net/rest_client.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace csim {

/// The paths that the original asked, §7.2 of its specification.
const std::vector<std::string>& probed_paths();

struct MonitorOptions {
    ManagerUrl manager;
    double probes_per_second = 4;  ///< on each path
    Duration probe_timeout = 10s;
    Duration request_timeout = 60s;
    Duration interval = 1s;
    std::optional<pid_t> manager_pid;  ///< absent: looked for by port, if the manager is on this machine
    OwnLimits own;
};

/// Since the last mark(); valid intervals only.
struct MarkedFigures {
    double p50_ms = 0, p99_ms = 0;
    std::uint64_t requests = 0, failures = 0;
};

class Monitor {
  public:
    using GiveUp = std::function<bool()>;

    Monitor(MonitorOptions options, const ClusterPort& cluster);
    ~Monitor();

    /// Errors: as RestClient. Afterwards probes run in the same user's name.
    Result<Nothing> login(const std::string& username, const std::string& password, const GiveUp& give_up);
    /// `path` begins below the manager's base path. A reply of any status is a value. Errors: those of the
    /// connection; exhausted when `give_up` said so.
    Result<RestReply> request(
        const std::string& method, const std::string& path, const std::string& body, const GiveUp& give_up
    );

    void start_probes();
    void stop_probes();
    /// What the probes saw so far was warm-up.
    void begin_measurement();
    void set_phase(const std::string& phase);
    void mark();
    MarkedFigures marked() const;

    std::vector<Interval> intervals() const;
    std::optional<Interval> last_interval() const;
    std::vector<PathFigures> paths() const;
    std::uint64_t probes_sent() const;
    bool manager_known() const;
    pid_t manager_pid() const;
    /// While a restart is expected, a process that ends is not missed, and the one after it is found by port.
    void expect_restart(bool expected);
    /// Its process was seen, and is no more.
    bool manager_gone() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace csim
