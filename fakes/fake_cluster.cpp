#include "fakes/fake_cluster.hpp"

#include "core/json_codec.hpp"
#include "fakes/events.hpp"
#include "fakes/placement.hpp"
#include "state/document_of.hpp"

#include <algorithm>
#include <cassert>

namespace csim {
namespace {

/// Documents of the original have neither roles nor node numbers; both follow from what they do have.
void complete(ClusterState& state, const Json& saved) {
    for (auto& [label, resource] : state.resources) {
        if (!saved["resources"][label].contains("role") && resource.started_on) {
            resource.role = ResourceRole::started;
        }
    }
    for (auto& [name, node] : state.nodes) node.joined |= node.online;
}

std::unique_ptr<Document<ClusterState>> load_cluster(Documents& documents, std::int64_t id) {
    const EntryName name{cluster_document(id), ""};
    const auto saved = documents.store().load(name);
    if (!saved) return std::make_unique<Document<ClusterState>>(documents, name, ClusterState{});
    auto state = *load_value<ClusterState>(documents.store(), name);
    complete(state, *saved);
    return std::make_unique<Document<ClusterState>>(
        Document<ClusterState>::Loaded{}, documents, name, std::move(state)
    );
}

}  // namespace

std::string cluster_document(std::int64_t id) {
    return "fake_cluster_" + std::to_string(id);
}

FakeCluster::FakeCluster(const FakesContext& context, std::int64_t id, ClusterOptions options)
    : context_(context),
      id_(id),
      options_(options),
      name_(cluster_document(id)),
      state_(load_cluster(context_.documents, id)) {}

FakeCluster::~FakeCluster() {
    for (const auto& [node, noticed] : suspects_) context_.timeline.cancel(noticed);
}

const ClusterState& FakeCluster::state() const {
    return **state_;
}

void FakeCluster::erase() {
    assert((*state_)->nodes.empty());
    state_->erase();
}

void FakeCluster::set_options(ClusterOptions options) {
    options_ = options;
    settle();
}

void FakeCluster::changed() {
    ++version_;
    locations_.reset();
    views_.clear();
}

void FakeCluster::attach(
    const std::string& nodename, const std::string& fqdn, std::int64_t number, ClusterNode& behind
) {
    behind_[nodename] = &behind;
    const auto known = (*state_)->nodes.find(nodename);
    if (known != (*state_)->nodes.end() && known->second.number == number && known->second.fqdn == fqdn)
        return;
    state_->edit([&](ClusterState& state) {
        ClusterNodeState& node = state.nodes[nodename];
        node.nodename = nodename;
        node.fqdn = fqdn;
        node.number = number;
    });
    changed();
}

void FakeCluster::detach(const std::string& nodename) {
    behind_.erase(nodename);
}

void FakeCluster::remove_node(const std::string& nodename) {
    leave(nodename);
    behind_.erase(nodename);
    state_->edit([&](ClusterState& state) {
        state.nodes.erase(nodename);
        for (auto& [label, resource] : state.resources) {
            for (auto* node : {&resource.primary_node, &resource.secondary_node, &resource.preferred_node}) {
                if (*node == nodename) node->reset();
            }
            std::erase(resource.failing_on, nodename);
        }
        std::erase_if(state.resources, [](const auto& entry) {
            return !entry.second.primary_node && !entry.second.secondary_node;
        });
    });
    changed();
    settle();
}

void FakeCluster::join(const std::string& nodename, std::int64_t mcast_port) {
    const ClusterNodeState& node = (*state_)->nodes.at(nodename);
    // One that died and came back before anybody noticed has lost what it ran all the same.
    if (suspected(nodename)) notice(nodename);
    if (node.online && node.joined && node.mcast_port == mcast_port) return;
    const bool was_online = node.online;
    state_->edit([&](ClusterState& state) {
        ClusterNodeState& member = state.nodes.at(nodename);
        member.online = true;
        member.joined = true;
        member.mcast_port = mcast_port;
    });
    changed();
    if (!was_online) context_.trace.emit(name_, MemberJoined{nodename});
    settle();
}

void FakeCluster::leave(const std::string& nodename) {
    forget_suspicion(nodename);
    if (!online(nodename)) return;
    state_->edit([&](ClusterState& state) { state.nodes.at(nodename).online = false; });
    changed();
    context_.trace.emit(name_, MemberLeft{nodename});
    settle();
}

void FakeCluster::lose(const std::string& nodename) {
    if (!online(nodename) || suspected(nodename)) return;
    if (options_.failure_detection == Duration{0}) return leave(nodename);
    suspects_[nodename] =
        context_.timeline.after(options_.failure_detection, [this, nodename] { notice(nodename); });
}

void FakeCluster::notice(const std::string& nodename) {
    leave(nodename);
}

void FakeCluster::forget_suspicion(const std::string& nodename) {
    const auto suspect = suspects_.find(nodename);
    if (suspect == suspects_.end()) return;
    context_.timeline.cancel(suspect->second);
    suspects_.erase(suspect);
}

void FakeCluster::forget(const std::string& nodename) {
    leave(nodename);
    const auto node = (*state_)->nodes.find(nodename);
    if (node == (*state_)->nodes.end() || !node->second.joined) return;
    state_->edit([&](ClusterState& state) { state.nodes.at(nodename).joined = false; });
    changed();
    settle();
}

void FakeCluster::split(const std::vector<std::set<std::string>>& groups) {
    sides_.clear();
    for (std::size_t i = 0; i < groups.size(); ++i) {
        for (const auto& node : groups[i]) sides_[node] = static_cast<int>(i);
    }
    changed();
#ifdef CSIM_PLANT_BUG
    // Planted for the explorer to find: who holds a target of the other node does not let go of it in a
    // split.
    for (const auto& [label, resource] : (*state_)->resources) {
        if (resource.started_on && resource.started_on == resource.secondary_node) return;
    }
#endif
    settle();
}

int FakeCluster::side_of(const std::string& nodename) const {
    const auto side = sides_.find(nodename);
    return side == sides_.end() ? 0 : side->second;
}

bool FakeCluster::online(const std::string& nodename) const {
    const auto node = (*state_)->nodes.find(nodename);
    return node != (*state_)->nodes.end() && node->second.online;
}

std::set<std::string> FakeCluster::eligible() const {
    std::map<int, std::pair<std::int64_t, std::int64_t>> strength;  // side → (members, -lowest number)
    for (const auto& [name, node] : (*state_)->nodes) {
        if (!node.online) continue;
        auto& [members, lowest] = strength.try_emplace(side_of(name), 0, -node.number).first->second;
        ++members;
        lowest = std::max(lowest, -node.number);
    }
    const auto strongest =
        std::ranges::max_element(strength, {}, [](const auto& side) { return side.second; });
    std::set<std::string> nodes;
    if (strongest == strength.end() || !quorate(strongest->second.first)) return nodes;
    for (const auto& [name, node] : (*state_)->nodes) {
        if (node.online && side_of(name) == strongest->first) nodes.insert(name);
    }
    return nodes;
}

bool FakeCluster::quorate(std::int64_t members) const {
    if (!options_.quorum) return true;
    const auto expected =
        std::ranges::count_if((*state_)->nodes, [](const auto& node) { return node.second.joined; });
    return expected <= 2 || 2 * members > expected;
}

std::string FakeCluster::coordinator() const {
    const ClusterNodeState* lowest = nullptr;
    for (const auto& name : eligible()) {
        const ClusterNodeState& node = (*state_)->nodes.at(name);
        if (lowest == nullptr || node.number < lowest->number) lowest = &node;
    }
    return lowest == nullptr ? "" : lowest->nodename;
}

std::shared_ptr<const CrmNodes> FakeCluster::view_of(const std::string& nodename) const {
    if (!online(nodename)) return nullptr;
    auto& view = views_[nodename];
    if (view != nullptr) return view;
    const std::int64_t port = (*state_)->nodes.at(nodename).mcast_port;
    const auto visible = [&](const ClusterNodeState& node) {
        return node.online && side_of(node.nodename) == side_of(nodename);
    };
    auto nodes = std::make_shared<CrmNodes>();
    const ClusterNodeState* lowest = nullptr;
    for (const auto& [name, node] : (*state_)->nodes) {
        if (!node.joined || node.mcast_port != port) continue;
        CrmNode& seen = (*nodes)[name];
        seen.name = seen.id = name;
        seen.online = visible(node) ? "true" : "false";
        seen.resources_running = std::to_string(running_on(name).size());
        if (visible(node) && (lowest == nullptr || node.number < lowest->number)) lowest = &node;
    }
    assert(lowest != nullptr);  // An online node sees itself.
    (*nodes)[lowest->nodename].is_dc = "true";
    view = std::move(nodes);
    return view;
}

}  // namespace csim
