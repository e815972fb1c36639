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

/// One process makes nodes out of itself, so that they need not be loaded and begun anew each. It is asked by
/// messages: for each node its arguments, each ended by a NUL, and one more NUL behind the last; it answers
/// each message with one of these for each node. The nodes are children of whoever made it.
struct MakerReply {
    std::int32_t pid = 0;
    std::int32_t error = 0;  ///< errno of the clone; 0: it was made
};
constexpr unsigned maker_request_max = 64u << 10;  ///< bytes of a message
constexpr unsigned maker_nodes_max = 64;           ///< of a message
/// Its name in its mark; no node can have it.
inline constexpr char maker_name[] = "+maker";

/// Arguments are `key=value`; argument 0 is `csim-init:<run>:<name>`, the mark that leftovers are known by.
inline constexpr char init_mark[] = "csim-init:";

}  // namespace csim
