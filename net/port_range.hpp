// Which local ports connections may come from.
#pragma once

#include <cstdint>

namespace csim {

/// Both ends belong to it; 0 and 0 stand for the system's range. Linux 6.3 and newer; older systems use
/// theirs.
struct PortRange {
    std::uint16_t low = 0;
    std::uint16_t high = 0;
};

}  // namespace csim
