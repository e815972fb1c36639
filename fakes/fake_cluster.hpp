// One HA peer group as corosync and pacemaker would run it: who is a member, and where each resource runs.
// Knows nothing of power and boots: servers tell it when they can and can no longer take part.
#pragma once

#include "core/result.hpp"
#include "fakes/cluster_state.hpp"
#include "fakes/fakes_context.hpp"
#include "wire/reports/corosync.hpp"
#include "wire/reports/lustre.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

struct ClusterOptions {
    /// How long peers take to notice that a node died without saying so.
    Duration failure_detection{0};
    /// Resources return to their preferred or primary node as soon as it is back.
    bool automatic_failback = false;
    bool stonith_enabled = true;  ///< as members report it
    /// Only a majority of the members that ever joined runs anything; of two, one is enough, as corosync's
    /// `two_node` has it.
    bool quorum = false;
};

/// What a cluster tells the server behind a node.
class ClusterNode {
  public:
    virtual ~ClusterNode() = default;
    /// A resource was started here: its filesystem is mounted now.
    virtual void resource_started(const ResourceState& resource) = 0;
};

/// Arguments of configure().
struct ResourceSettings {
    std::string ha_label;
    std::string device_path;
    std::string uuid;
    std::string mount_point;
};

/// State: `fake_cluster_<id>`. Source: the behaviour specification, §4. Differs: membership follows from the
/// servers' daemons; resources have a wanted role; a destination must be online; a stopped resource stays
/// stopped.
class FakeCluster {
  public:
    /// Loads the cluster's document, or makes an empty one. Throws Fatal on one that cannot be read.
    /// Members stay members until their servers' resume() says otherwise.
    FakeCluster(const FakesContext& context, std::int64_t id, ClusterOptions options = {});
    ~FakeCluster();
    FakeCluster(const FakeCluster&) = delete;
    FakeCluster& operator=(const FakeCluster&) = delete;

    std::int64_t id() const { return id_; }
    const ClusterOptions& options() const { return options_; }
    void set_options(ClusterOptions options);
    const ClusterState& state() const;
    /// Its document goes; it may only be destroyed after that. Requires: no nodes.
    void erase();
    /// Grows with every change of membership or placement.
    std::uint64_t version() const { return version_; }

    // Nodes.

    /// Makes the node known, offline if it was not known before. `behind` outlives its membership; see
    /// detach().
    void attach(
        const std::string& nodename, const std::string& fqdn, std::int64_t number, ClusterNode& behind
    );
    void detach(const std::string& nodename);
    /// The node and every mention of it in resources go; what it ran moves first. For a removed server.
    void remove_node(const std::string& nodename);
    /// The node can run resources from now on. Joining again with another port changes its peers.
    void join(const std::string& nodename, std::int64_t mcast_port);
    /// The node says goodbye; what it ran moves at once.
    void leave(const std::string& nodename);
    /// The node died; its peers notice after `failure_detection`.
    void lose(const std::string& nodename);
    /// Corosync was unconfigured: the node leaves and its peers forget it.
    void forget(const std::string& nodename);
    /// Cuts the network between groups of nodes; nodes not named are with the first group. The largest group
    /// (of equal ones the one with the lowest node) fences the others and runs everything. An empty list
    /// heals.
    void split(const std::vector<std::set<std::string>>& groups);

    bool online(const std::string& nodename) const;
    /// Dead, but not yet noticed by its peers.
    bool suspected(const std::string& nodename) const { return suspects_.contains(nodename); }
    /// The nodes that can run resources now: online, and on the side of a split network that won.
    std::set<std::string> eligible() const;
    /// The designated coordinator: the online node with the lowest number; empty when there is none.
    std::string coordinator() const;
    /// The members as `nodename` sees them: itself and every node that joined with its port. Null when it is
    /// not online itself. Shared until something changes.
    std::shared_ptr<const CrmNodes> view_of(const std::string& nodename) const;

    // Resources.

    /// Makes the resource, or updates it, and gives it this node as primary or secondary.
    /// Errors: not_found (node); conflict when it is running and the change would take its node away.
    Result<Nothing> configure(const std::string& nodename, const ResourceSettings& settings, bool primary);
    /// Of the primary: removes the resource. Of the secondary: takes the node from it. Unknown ones are gone
    /// already. Errors: conflict while it is running (for a secondary: there).
    Result<Nothing> unconfigure(const std::string& nodename, const std::string& ha_label, bool primary);
    /// The node that runs it now. Errors: not_found; conflict when no configured node is online.
    Result<std::string> start(const std::string& ha_label);
    Result<Nothing> stop(const std::string& ha_label);
    /// Moves it to its secondary node, and prefers that one from now on.
    /// Errors: not_found; conflict when it is stopped, or that node is unset or offline.
    Result<std::string> failover(const std::string& ha_label);
    Result<std::string> failback(const std::string& ha_label);
    void clear_resources();
    /// From now on the resource cannot start on this node, and does not stay there; or it can again.
    /// Errors: not_found (resource, node).
    Result<Nothing> set_failing(const std::string& ha_label, const std::string& nodename, bool failing);

    const ResourceState* find(const std::string& ha_label) const;
    const ResourceState* find_by_uuid(std::string_view uuid) const;
    std::vector<const ResourceState*> running_on(const std::string& nodename) const;
    /// HA label → node or null. Shared until something changes.
    std::shared_ptr<const ResourceLocations> locations() const;

  private:
    void set_online(const std::string& nodename, bool online);
    void notice(const std::string& nodename);
    void forget_suspicion(const std::string& nodename);
    /// Whether a member answers when it is asked to run something. One that died is noticed by that at the
    /// latest, which moves its resources.
    bool answers(const std::string& nodename);
    int side_of(const std::string& nodename) const;
    bool quorate(std::int64_t members) const;
    /// Puts every resource where it belongs.
    void settle();
    void move(const std::string& ha_label, const std::optional<std::string>& node);
    Result<std::string> move_to_role(
        const std::string& ha_label, std::optional<std::string> ResourceState::*node, std::string_view role
    );
    /// Why place() found no node for a resource that is to run.
    std::string why_nowhere(const ResourceState& resource) const;
    Result<const ResourceState*> require(const std::string& ha_label) const;
    void changed();

    FakesContext context_;
    std::int64_t id_;
    ClusterOptions options_;
    std::string name_;
    std::unique_ptr<Document<ClusterState>> state_;
    std::map<std::string, ClusterNode*> behind_;
    std::map<std::string, EventId> suspects_;  ///< lost nodes and when their peers will notice
    std::map<std::string, int> sides_;         ///< of a split network; empty when whole
    std::uint64_t version_ = 1;
    mutable std::shared_ptr<const ResourceLocations> locations_;
    mutable std::map<std::string, std::shared_ptr<const CrmNodes>> views_;
};

/// `fake_cluster_<id>`.
std::string cluster_document(std::int64_t id);

}  // namespace csim
