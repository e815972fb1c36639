// How large a simulated cluster is to be, and whether such a cluster can exist.
#pragma once

#include "core/result.hpp"

#include <optional>

namespace csim {

/// The numbers of `cluster-sim setup`. Source: the simulator's specification, §1.2.1.
struct Setup {
    int su_size = 0;  ///< servers per scalable unit; 0: no controllers, every volume visible to every server
    int cluster_size = 4;  ///< servers per HA cluster
    int server_count = 8;
    int worker_count = 1;
    int nid_count = 1;                ///< network interfaces of each server and of each worker
    std::optional<int> volume_count;  ///< volumes in total; absent: two per server
    int psu_count = 1;                ///< power strips; each server has one supply on each

    int volumes() const { return volume_count.value_or(2 * server_count); }
};

/// Limits that the addressing rules set, see fakes/node_names.hpp.
constexpr int servers_max = 500'000;
constexpr int workers_max = 2'000;
constexpr int nids_max = 128;
constexpr int volumes_max = 1'000'000;
constexpr int psus_max = 1'000;

/// Refuses a cluster that cannot exist. Errors: bad_argument, with one sentence that says what would be
/// possible.
Result<Nothing> check(const Setup& setup);

}  // namespace csim
