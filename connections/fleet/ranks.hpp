// Several of these programs on several machines, started by `mpirun` or `srun`: who is who, and how the
// others reach the first. No MPI is linked; the launchers' variables say enough, and the words go over TCP.
#pragma once

#include "connections/fleet/message_socket.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace csim::connections {

struct RankPlace {
    int rank = 0, size = 1;
    std::string first_host = "127.0.0.1";  ///< where rank 0 listens
    std::uint16_t port = 0;
    std::string job;  ///< the same for all ranks of one start; a secret it is not
    bool several() const { return size > 1; }
};

/// Reads CSIM_RANK/CSIM_RANKS, or what Open MPI or Slurm set, through `get` (getenv). `rank0` is the option's
/// text, `HOST`, `HOST:PORT` or empty. Errors: bad_argument, with what to do.
Result<RankPlace> rank_place(const std::function<const char*(const char*)>& get, const std::string& rank0);

/// Rank 0: waits until all others have come, for at most `limit_s`. In the order of their ranks. Throws
/// Fatal.
std::vector<MessageSocket> gather_ranks(const RankPlace& place, int limit_s);
/// The others: connects to rank 0, trying for at most `limit_s`. Throws Fatal.
MessageSocket join_first(const RankPlace& place, int limit_s);

}  // namespace csim::connections
