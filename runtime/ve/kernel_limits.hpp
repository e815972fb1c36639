// The figures of the kernel that many environments meet, read now; which of them gave out, and which will.
#pragma once

#include "runtime/namespaces/ledger.hpp"

#include <string>
#include <vector>

namespace csim {

struct KernelLimit {
    std::string name;  ///< as in NodeError::refused
    std::uint64_t used = 0, capacity = 0;
    std::string setting = {};  ///< below /proc/sys, where it can be raised; empty: it cannot
};
/// pids, descriptors, inotify, keyrings, neighbours, mounts, net_namespaces, bridge_ports, memory. Of other
/// users' processes only what the kernel shows.
std::vector<KernelLimit> read_kernel_limits();

struct LimitForecast {
    std::string name;
    std::uint64_t needed = 0, present = 0;
    bool ok = true;
    std::string advice;
    std::string setting = {};  ///< raised by tune()
};
/// What `environments` more would need. Bridges are as many as it takes, so that their ports never run out;
/// neighbours are permanent entries, which the table's limits do not count.
std::vector<LimitForecast> foresee(std::uint64_t environments, bool network);

/// Raises what foresee() found too low and can be raised. Every change is in `ledger`, saved, before it is
/// made.
void tune(const std::vector<LimitForecast>& forecast, Ledger& ledger, const LedgerFolder& ledgers);

/// The one nearest its capacity: "pids (97 % of 32768)", or "unknown (nearest: memory 71 %)" below 90 %.
std::string nearest_limit(const std::vector<KernelLimit>& limits);

}  // namespace csim
