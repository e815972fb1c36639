// Ways to make the embedded manager break on purpose, so that a benchmark can be asked whether it notices.
// Their options are not shown in the help.
#pragma once

#include "core/time.hpp"

#include <CLI/App.hpp>

#include <optional>

namespace csim {

struct ManagerFaults {
    double delay_per_host_ms = 0;         ///< every answer of the API waits so much for each host
    double drain_rate = 0;                ///< log messages a second that leave their queue; 0: as usual
    std::optional<unsigned> descriptors;  ///< the process may open so many more than at its start
    std::optional<unsigned> memory_mib;   ///< its address space may grow by so much after its start
    unsigned leak_kib = 0;                ///< every request of the API loses so much memory
};

void add_fault_options(CLI::App& app, ManagerFaults& faults);

/// Sets the limits of this process. Call it when everything that a start needs is there.
void limit_process(const ManagerFaults& faults);

}  // namespace csim
