// Who a program in a node runs as.
#pragma once

#include "runtime/namespaces/process.hpp"

#include <vector>

namespace csim {

struct NodeUser {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups = {};
};

/// `user` is a name in the node's own /etc/passwd, or uid[:gid]; empty is root. Errors: not_found, denied.
NodeResult<NodeUser> find_user(const NodeProcess& node, const std::string& user);

}  // namespace csim
