// The kernel's accounts of memory, and how many workers a number of connections needs here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace csim::connections {

struct KernelMemory {
    std::uint64_t slab_bytes = 0;
    std::uint64_t available_bytes = 0;
};
KernelMemory kernel_memory();

/// Descriptors of one process that connections may use: the hard limit, less what everything else needs.
std::size_t connections_per_process();
/// Enough for the descriptors, and one for each core when there is work for it.
std::size_t workers_for(std::uint64_t connections);

}  // namespace csim::connections
