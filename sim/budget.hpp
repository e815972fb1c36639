// What a fleet needs of this machine, and what the machine has: the limits that a run meets first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace csim {

/// One limit. `ok` is false when the need is greater than what is present.
struct BudgetCheck {
    std::string name;
    std::uint64_t needed = 0;
    std::uint64_t present = 0;
    bool ok = true;
    std::string advice;  ///< what to do when it is not ok; otherwise what to know, empty as a rule
};

/// What is to be run.
struct Demand {
    int servers = 8;
    bool with_manager = false;  ///< the embedded manager on the same machine
    bool keep_alive = true;     ///< false for the reference wire habit
    bool loopback = true;       ///< the manager is reached at 127.x.x.x, from any number of addresses there
    std::size_t source_addresses = 1;  ///< that connections come from otherwise
};

/// What this machine offers a process; read from the system by read_machine().
struct Machine {
    std::uint64_t descriptors_soft = 0;
    std::uint64_t descriptors_hard = 0;
    std::uint64_t ports = 0;         ///< ephemeral ports of one source address
    std::uint64_t memory_bytes = 0;  ///< available now
    std::uint64_t backlog = 0;       ///< net.core.somaxconn
    std::uint64_t clock_resolution_ns = 0;
};

Machine read_machine();
std::vector<BudgetCheck> check_budget(const Demand& demand, const Machine& machine);

/// Addresses of 127/8 to connect from, so that ports do not run short; none when those of one are enough.
std::vector<std::string> loopback_sources(const Demand& demand, const Machine& machine);

/// Raises the soft limit of descriptors to the hard one; returns what is in force afterwards.
std::uint64_t raise_descriptor_limit();

}  // namespace csim
