// The first process of a real node: what the runtime and it say to each other.
#pragma once

#include <cstdint>

namespace csim {

/// Written once by each node into the pipe that it inherits: ready, or what refused. Fits PIPE_BUF.
struct InitReport {
    std::uint32_t index = 0;  ///< as given
    std::int32_t error = 0;   ///< errno; 0: ready
    char phase[24] = {};      ///< the call that refused
};

/// Arguments are `key=value`; argument 0 is `csim-init:<run>:<name>`, the mark that leftovers are known by.
inline constexpr char init_mark[] = "csim-init:";

}  // namespace csim
