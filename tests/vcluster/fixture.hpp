// A store of its own, and the specifications that tests share.
#pragma once

#include "tests/support/temp_folder.hpp"
#include "vcluster/cluster.hpp"
#include "vcluster/services/service.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

namespace csim {

struct ClusterFixture {
    TempFolder folder;
    ClusterStore store{(folder / "clusters").string()};

    Cluster create(const std::string& spec) { return Cluster::create(store, spec, {}); }
};

/// The published example of four daemons with Slurm, which becomes five nodes.
inline std::string example_spec() {
    std::ifstream in(std::string(CSIM_SOURCE_DIR) + "/vcluster/examples/ldms_slurm.json");
    return {std::istreambuf_iterator<char>(in), {}};
}

/// One sampler, one aggregator.
inline const char* const duo_spec = R"({
  "name": "duo", "backend": "simulated", "description": "one sampler, one aggregator",
  "define": [
    { "name": "node-agent", "type": "sampler",
      "listen_port": 10001, "listen_xprt": "sock", "listen_auth": "none",
      "env": { "INTERVAL": "500000", "OFFSET": "0" },
      "samplers": [
        { "plugin": "meminfo", "start": true,
          "config": [ "producer=${HOSTNAME}", "instance=${HOSTNAME}/%plugin%" ] },
        { "plugin": "slurm_sampler",
          "config": [ "producer=${HOSTNAME}", "instance=${HOSTNAME}/%plugin%" ] } ] } ],
  "daemons": [
    { "host": "cn1", "asset": "node-agent", "env": [ "HOSTNAME=%host%", "COMPONENT_ID=1" ] },
    { "host": "hub", "listen_port": 10002, "listen_xprt": "sock",
      "env": { "HOSTNAME": "%host%" },
      "config": [
        "prdcr_add name=cn1 host=cn1 port=10001 xprt=sock type=active interval=1000000",
        "prdcr_start name=cn1",
        "updtr_add name=u interval=500000 offset=100000",
        "updtr_prdcr_add name=u regex=.*",
        "updtr_start name=u" ] } ],
  "env": { "SITE": "lab" }, "mounts": [ "/srv/duo:/db:rw" ], "cap_add": [ "SYS_PTRACE" ]
})";

inline ExecResult run(Cluster& cluster, const std::string& node, const std::string& text) {
    RunRequest request;
    request.shell = text;
    return cluster.run(cluster.node(node), request);
}

/// The status of the Fatal that `what` throws; 0 when it throws none. Its sentence goes to `told`.
template <class What>
int fatal_status(What what, std::string* told = nullptr) {
    try {
        what();
    } catch (const Fatal& failure) {
        if (told != nullptr) *told = failure.what();
        return failure.status;
    }
    return 0;
}

}  // namespace csim
