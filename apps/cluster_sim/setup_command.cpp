// `cluster-sim setup`: a cluster on disk, nothing running.
#include "apps/cluster_sim/options.hpp"
#include "sim/offline_world.hpp"
#include "sim/progress.hpp"

#include <iostream>

namespace csim {
namespace {

std::string counted(int count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

int setup_command(const CommonOptions& common, const Setup& setup, Existing existing) {
    if (const auto possible = check(setup); !possible) throw Fatal(possible.error().detail, 2);
    const bool grew = create_cluster(common.config, setup, common.seed, existing);
    std::cout << (grew ? "The cluster now has " : "Created ")
              << counted(setup.server_count, "server", "servers") << ", "
              << counted(setup.worker_count, "worker", "workers") << " and "
              << counted(setup.volumes(), "volume", "volumes") << " in " << common.config << "/.\n"
              << "Next: cluster-sim register --username NAME --password WORD\n";
    return 0;
}

}  // namespace csim
