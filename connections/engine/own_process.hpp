// What this process uses, from the kernel's own accounts.
#pragma once

#include <cstdint>

namespace csim::connections {

struct OwnProcess {
    std::uint64_t descriptors = 0;
    std::uint64_t resident_bytes = 0;
    std::uint64_t private_bytes = 0;  ///< resident, without what is shared with other processes (files)
    std::uint64_t cpu_us = 0;         ///< user and system
};
OwnProcess own_process();

}  // namespace csim::connections
