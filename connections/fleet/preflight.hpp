// What so many connections need of this machine, and what it has. Changes nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace csim::connections {

struct PreflightDemand {
    std::uint64_t connections = 0;
    bool local_server = true;  ///< the other ends are on this machine, too
    bool hibernating = true;
    std::size_t workers = 0;           ///< 0: as many as are needed
    std::size_t source_addresses = 1;  ///< loopback has as many as are wanted
    std::size_t target_ports = 1;
};

/// What the kernel says; read by read_limits().
struct PreflightLimits {
    std::uint64_t descriptors_soft = 0, descriptors_hard = 0;
    std::uint64_t file_max = 0, files_open = 0;
    std::uint64_t epoll_watches = 0;
    std::uint64_t ports = 0;  ///< of one source address, reserved ones left out
    std::uint64_t backlog = 0, syn_backlog = 0;
    std::uint64_t memory_available = 0, memory_cgroup = 0;  ///< bytes; cgroup: 0 when there is none
    std::uint64_t conntrack_max = 0, conntrack_count = 0;   ///< 0: no tracker
    std::uint64_t pids_max = 0;
    unsigned cores = 1;
};

struct PreflightCheck {
    std::string name;
    std::uint64_t needed = 0, present = 0;
    bool ok = true;
    std::string advice;  ///< what to do, as a command where there is one; when it is well, what to know
};

PreflightLimits read_limits();
std::vector<PreflightCheck> preflight(const PreflightDemand& demand, const PreflightLimits& limits);

}  // namespace csim::connections
