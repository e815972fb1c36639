// Where a resource belongs, given who can run it. Pure rules.
#pragma once

#include "fakes/cluster_state.hpp"

#include <optional>
#include <set>
#include <string>

namespace csim {

/// The node that should run `resource` when exactly `eligible` nodes can: nowhere when its role is stopped;
/// else where it runs already; else its preferred, its primary, its secondary node, the first that is
/// eligible and does not fail the resource. With `automatic_failback` the place where it runs already has no
/// precedence. Source: the behaviour specification, §4.9.
std::optional<std::string> place(
    const ResourceState& resource, const std::set<std::string>& eligible, bool automatic_failback
);

}  // namespace csim
