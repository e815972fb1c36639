// The resources of a FakeCluster.
#include "core/json_codec.hpp"
#include "fakes/events.hpp"
#include "fakes/fake_cluster.hpp"
#include "fakes/placement.hpp"

namespace csim {

void FakeCluster::settle() {
    const auto nodes = eligible();
    std::vector<std::pair<std::string, std::optional<std::string>>> moves;
    for (const auto& [label, resource] : (*state_)->resources) {
        auto node = place(resource, nodes, options_.automatic_failback);
        if (node != resource.started_on) moves.emplace_back(label, std::move(node));
    }
    // Noticing a death settles everything anew.
    for (const auto& [label, node] : moves) {
        if (node && suspected(*node)) return notice(*node);
    }
    for (const auto& [label, node] : moves) move(label, node);
}

bool FakeCluster::answers(const std::string& nodename) {
    const auto suspect = suspects_.find(nodename);
    if (suspect == suspects_.end()) return true;
    // Not before whoever asked has got its answer: a command that fails changes nothing.
    context_.timeline.cancel(suspect->second);
    suspect->second = context_.timeline.after(Duration(0), [this, nodename] { notice(nodename); });
    return false;
}

void FakeCluster::move(const std::string& ha_label, const std::optional<std::string>& node) {
    const auto from = (*state_)->resources.at(ha_label).started_on;
    if (from == node) return;
    state_->edit([&](ClusterState& state) { state.resources.at(ha_label).started_on = node; });
    changed();
    context_.trace.emit(name_, ResourceMoved{ha_label, from, node});
    if (!node) return;
    const auto behind = behind_.find(*node);
    if (behind != behind_.end()) behind->second->resource_started((*state_)->resources.at(ha_label));
}

Result<const ResourceState*> FakeCluster::require(const std::string& ha_label) const {
    const ResourceState* resource = find(ha_label);
    if (resource == nullptr)
        return Error{Errc::not_found, "there is no resource '" + ha_label + "' in " + name_};
    return resource;
}

Result<Nothing> FakeCluster::configure(
    const std::string& nodename, const ResourceSettings& settings, bool primary
) {
    if (!(*state_)->nodes.contains(nodename)) {
        return Error{Errc::not_found, "there is no node '" + nodename + "' in " + name_};
    }
    ResourceState wanted;
    if (const ResourceState* known = find(settings.ha_label)) wanted = *known;
    const bool another = !wanted.ha_label.empty() &&
                         (wanted.device_path != settings.device_path || wanted.uuid != settings.uuid);
    if (another && wanted.started_on) {
        return Error{
            Errc::conflict, "cannot configure-ha: " + settings.ha_label + " is running from another device"};
    }
    // The other node has yet to say that it sees the new device.
    if (another) wanted.primary_node = wanted.secondary_node = wanted.preferred_node = std::nullopt;
    wanted.ha_label = settings.ha_label;
    wanted.device_path = settings.device_path;
    wanted.uuid = settings.uuid;
    wanted.mount_point = settings.mount_point;
    (primary ? wanted.primary_node : wanted.secondary_node) = nodename;
    auto& other = primary ? wanted.secondary_node : wanted.primary_node;
    if (other == nodename) other.reset();
    if (wanted.started_on && !wanted.configured_on(*wanted.started_on)) {
        return Error{
            Errc::conflict, "cannot configure-ha: " + settings.ha_label + " is running on " +
                                *wanted.started_on + ", which would no longer be one of its nodes"};
    }
    if (wanted.preferred_node && !wanted.configured_on(*wanted.preferred_node)) wanted.preferred_node.reset();
    state_->edit([&](ClusterState& state) { state.resources[settings.ha_label] = std::move(wanted); });
    changed();
    settle();
    return Nothing{};
}

Result<Nothing> FakeCluster::unconfigure(
    const std::string& nodename, const std::string& ha_label, bool primary
) {
    const ResourceState* resource = find(ha_label);
    if (resource == nullptr) return Nothing{};
    const bool in_the_way = primary ? resource->started_on.has_value() : resource->started_on == nodename;
    if (in_the_way) {
        return Error{Errc::conflict, "cannot unconfigure-ha: " + ha_label + " is still running"};
    }
    state_->edit([&](ClusterState& state) {
        if (primary) {
            state.resources.erase(ha_label);
            return;
        }
        ResourceState& kept = state.resources.at(ha_label);
        if (kept.secondary_node == nodename) kept.secondary_node.reset();
        if (kept.preferred_node == nodename) kept.preferred_node.reset();
    });
    changed();
    return Nothing{};
}

Result<std::string> FakeCluster::start(const std::string& ha_label) {
    const auto resource = require(ha_label);
    if (!resource) return resource.error();
    ResourceState wanted = **resource;
    wanted.role = ResourceRole::started;
    std::set<std::string> able = eligible();
    auto node = place(wanted, able, options_.automatic_failback);
    while (node && node != (*resource)->started_on && !answers(*node)) {
        able.erase(*node);
        node = place(wanted, able, options_.automatic_failback);
    }
    if (!node) return Error{Errc::conflict, "cannot start " + ha_label + ": " + why_nowhere(wanted)};
    if ((*resource)->role != ResourceRole::started) {
        state_->edit([&](ClusterState& state) { state.resources.at(ha_label).role = ResourceRole::started; });
        changed();
    }
    move(ha_label, node);
    return *node;
}

Result<Nothing> FakeCluster::stop(const std::string& ha_label) {
    const auto resource = require(ha_label);
    if (!resource) return resource.error();
    if ((*resource)->role == ResourceRole::stopped) return Nothing{};
    state_->edit([&](ClusterState& state) { state.resources.at(ha_label).role = ResourceRole::stopped; });
    changed();
    move(ha_label, std::nullopt);
    return Nothing{};
}

Result<std::string> FakeCluster::move_to_role(
    const std::string& ha_label, std::optional<std::string> ResourceState::*node, std::string_view role
) {
    const auto resource = require(ha_label);
    if (!resource) return resource.error();
    const auto refuse = [&](const std::string& why) {
        return Error{
            Errc::conflict, "cannot move " + ha_label + " to its " + std::string(role) + " node: " + why};
    };
    const std::optional<std::string> destination = (**resource).*node;
    if (!destination) return refuse("it has none");
    if (!answers(*destination) || !eligible().contains(*destination))
        return refuse(*destination + " is offline");
    if ((*resource)->fails_on(*destination)) return refuse("it fails to start on " + *destination);
    if ((*resource)->role == ResourceRole::stopped) return refuse("it is stopped");
    if ((*resource)->preferred_node != destination) {
        state_->edit([&](ClusterState& state) { state.resources.at(ha_label).preferred_node = destination; });
        changed();
    }
    move(ha_label, destination);
    return *destination;
}

Result<std::string> FakeCluster::failover(const std::string& ha_label) {
    return move_to_role(ha_label, &ResourceState::secondary_node, "secondary");
}

Result<std::string> FakeCluster::failback(const std::string& ha_label) {
    return move_to_role(ha_label, &ResourceState::primary_node, "primary");
}

std::string FakeCluster::why_nowhere(const ResourceState& resource) const {
    for (const std::string& node : eligible()) {
        if (resource.configured_on(node) && !suspected(node)) return "it fails on " + node;
    }
    return "none of its nodes is online";
}

Result<Nothing> FakeCluster::set_failing(
    const std::string& ha_label, const std::string& nodename, bool failing
) {
    const auto resource = require(ha_label);
    if (!resource) return resource.error();
    if (!(*state_)->nodes.contains(nodename)) {
        return Error{Errc::not_found, "there is no node '" + nodename + "' in " + name_};
    }
    if ((*resource)->fails_on(nodename) == failing) return Nothing{};
    state_->edit([&](ClusterState& state) {
        auto& nodes = state.resources.at(ha_label).failing_on;
        std::erase(nodes, nodename);
        if (failing) nodes.push_back(nodename);
    });
    changed();
    settle();
    return Nothing{};
}

void FakeCluster::clear_resources() {
    if ((*state_)->resources.empty()) return;
    state_->edit([](ClusterState& state) { state.resources.clear(); });
    changed();
}

const ResourceState* FakeCluster::find(const std::string& ha_label) const {
    const auto found = (*state_)->resources.find(ha_label);
    return found == (*state_)->resources.end() ? nullptr : &found->second;
}

const ResourceState* FakeCluster::find_by_uuid(std::string_view uuid) const {
    for (const auto& [label, resource] : (*state_)->resources) {
        if (resource.uuid == uuid) return &resource;
    }
    return nullptr;
}

std::vector<const ResourceState*> FakeCluster::running_on(const std::string& nodename) const {
    std::vector<const ResourceState*> running;
    for (const auto& [label, resource] : (*state_)->resources) {
        if (resource.started_on == nodename) running.push_back(&resource);
    }
    return running;
}

std::shared_ptr<const ResourceLocations> FakeCluster::locations() const {
    if (locations_ == nullptr) {
        auto locations = std::make_shared<ResourceLocations>();
        for (const auto& [label, resource] : (*state_)->resources) (*locations)[label] = resource.started_on;
        locations_ = std::move(locations);
    }
    return locations_;
}

}  // namespace csim
