// `cluster-sim status`: a running simulator is asked, a stopped one's folder is read.
#include "apps/cluster_sim/options.hpp"
#include "core/json_codec.hpp"
#include "sim/control_client.hpp"
#include "sim/offline_world.hpp"

#include <filesystem>
#include <iostream>

namespace csim {
namespace {

ClusterStatus ask(ControlClient& client) {
    const auto answer = client.call({"simulator_status", Json::array()});
    if (!answer) throw Fatal(answer.error().detail);
    auto status = from_json_value<ClusterStatus>(answer->value, Strictness::lenient);
    if (!status) throw Fatal("the running simulator answered strangely: " + status.error().detail);
    return std::move(*status);
}

}  // namespace

int status_command(const CommonOptions& common, bool json) {
    if (!std::filesystem::exists(common.config)) {
        throw Fatal(
            "there is no folder " + common.config + "; create a cluster with 'cluster-sim setup' first"
        );
    }
    auto running = find_running(common.config);
    const ClusterStatus status = running ? ask(*running) : read_status(common.config);
    if (json) {
        std::cout << to_json_value(status).dump(2) << "\n";
    } else {
        write_table(std::cout, status);
    }
    return 0;
}

}  // namespace csim
