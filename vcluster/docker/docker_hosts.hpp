// The engines that a cluster's containers are spread over: those of a Swarm's machines, or the one that is
// asked.
#pragma once

#include "vcluster/docker/docker_engine.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace csim {

struct DockerHost {
    std::string name;
    DockerEngine engine;
    int running = 0;  ///< containers, when the hosts were asked
};

/// How many of `nodes` each host gets, in the order of `hosts`: the least loaded ones are filled up to the
/// most loaded one, then the rest is spread evenly, what remains over going to the least loaded ones first.
/// Equal loads are told apart by name.
std::vector<std::size_t> spread_over(
    std::size_t nodes, const std::vector<std::pair<std::string, int>>& hosts
);

/// Thread-safe.
class DockerHosts {
  public:
    /// Asks the engine; when it manages a Swarm of several machines, those too. Their engines are at tcp,
    /// port 2375, or where $CLUSTER_SIM_DOCKER_HOSTS says: `NAME=ADDRESS …`. Errors: unreachable,
    /// bad_argument, with the machine.
    static Result<DockerHosts> of(const DockerEngine& first, const CallLimit& limit = {});

    bool swarm() const { return swarm_; }
    const std::vector<DockerHost>& all() const { return hosts_; }
    /// Chooses hosts for these containers, which are to be made.
    void place(const std::vector<std::string>& containers);
    /// Where a container is, or is to be made; the first host, when no engine knows it.
    const DockerEngine& engine_of(const std::string& container, const CallLimit& limit) const;
    std::string host_of(const std::string& container) const;

  private:
    std::vector<DockerHost> hosts_;
    bool swarm_ = false;
    struct Places {
        std::mutex mutex;
        std::map<std::string, std::size_t> known;
    };
    std::shared_ptr<Places> places_ = std::make_shared<Places>();
};

}  // namespace csim
