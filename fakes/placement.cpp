#include "fakes/placement.hpp"

namespace csim {

std::optional<std::string> place(
    const ResourceState& resource, const std::set<std::string>& eligible, bool automatic_failback
) {
    if (resource.role == ResourceRole::stopped) return std::nullopt;
    const auto can_run = [&](const std::optional<std::string>& node) {
        return node && resource.configured_on(*node) && eligible.contains(*node) && !resource.fails_on(*node);
    };
    if (!automatic_failback && can_run(resource.started_on)) return resource.started_on;
    for (const auto* node : {&resource.preferred_node, &resource.primary_node, &resource.secondary_node}) {
        if (can_run(*node)) return *node;
    }
    return std::nullopt;
}

}  // namespace csim
