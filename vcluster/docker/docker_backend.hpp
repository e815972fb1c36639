// Clusters of containers.
#pragma once

#include "vcluster/backend.hpp"

namespace csim {

/// On the engine that the record names.
std::unique_ptr<Backend> docker_backend(const ClusterRecord& record, const ClusterSpec& spec);
/// Why no engine can be used, in one sentence; empty if one answers.
std::string why_no_docker();
/// $DOCKER_HOST, or the usual socket.
std::string usual_engine();

}  // namespace csim
