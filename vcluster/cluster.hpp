// A virtual cluster: what can be done with it, whatever it is made of.
#pragma once

#include "vcluster/backend.hpp"
#include "vcluster/spec/spec.hpp"
#include "vcluster/store.hpp"

#include <memory>
#include <optional>

namespace csim {

/// What went wrong decides how a command ends.
namespace cluster_status {
constexpr int failed = 1, invalid = 2, exists = 3, not_found = 4, unavailable = 5, timeout = 6;
}

struct ClusterOptions {
    std::string backend;       ///< beats the specification's
    bool keep_failed = false;  ///< what has been made so far stays when creation fails
    std::function<void(const SpecIssue&)> warn;
};

/// What runs on a node.
struct RunRequest {
    std::vector<std::string> command;
    std::string shell;  ///< instead of a command: a text for the node's shell
    Environment env;
    std::string user, folder, input;
    bool merged = false, detached = false;
    Duration limit = Duration::zero();  ///< zero: none
};

/// All calls throw Fatal, with one of the statuses above. One thread.
class Cluster {
  public:
    /// Makes it. Nothing is left of it when that fails, unless it is to be kept.
    static Cluster create(
        const ClusterStore& store, const std::string& spec_text, const ClusterOptions& options
    );
    /// Finds it; with a specification, only if it is the same one.
    static Cluster get(const ClusterStore& store, const std::string& name);
    static Cluster get(
        const ClusterStore& store, const std::string& spec_text, const ClusterOptions& options, bool create
    );

    Cluster(Cluster&&) = default;
    ~Cluster();

    const ClusterSpec& spec() const { return *spec_; }
    const ClusterRecord& record() const { return record_; }
    Nodes& nodes() { return backend_->nodes(); }
    Backend& backend() { return *backend_; }

    /// By hostname, alias or `<cluster>-<hostname>`; empty: the service node.
    const PlannedNode& node(const std::string& name) const;
    const PlannedNode& service_node() const { return spec_->nodes.back(); }
    const std::string& address_of(const PlannedNode& node) const;
    /// What the runtime calls it.
    std::string runtime_name(const PlannedNode& node) const { return backend_->name_of(node.hostname); }

    ExecResult run(const PlannedNode& node, const RunRequest& request);
    /// On all of these, at the same time.
    std::vector<ExecResult> run_all(const std::vector<const PlannedNode*>& where, const RunRequest& request);
    NodeFile read(const PlannedNode& node, const std::string& path);
    void write(const PlannedNode& node, const std::string& path, NodeFile file, bool make_folders = false);
    std::vector<const PlannedNode*> all_nodes() const;

    /// The one text that /etc/hosts has on all nodes.
    std::string hosts_text() const;
    /// Ends everything on a node, or starts it again: with its files, without its processes. Twice is once.
    void switch_node(const PlannedNode& node, bool up);
    /// States of the nodes, by hostname.
    std::map<std::string, NodeInfo> states();

    /// Kept with the cluster, made of chance once: `bytes` random bytes under this name.
    std::string secret(const std::string& name, std::size_t bytes);
    void keep_secret(const std::string& name, const std::string& value);
    std::string find_secret(const std::string& name) const;

    /// What has happened so far is on disk. Also done at the end.
    void commit() { backend_->commit(); }

  private:
    Cluster(
        const ClusterStore& store, ClusterRecord record, std::unique_ptr<ClusterSpec> spec, ClusterLock lock
    );
    void build();
    void furnish(const std::vector<const PlannedNode*>& fresh);
    void run_start_script(const PlannedNode& node);
    ExecSpec exec_spec(const PlannedNode& node, const RunRequest& request);
    friend struct ClusterRemoval;

    ClusterStore store_;
    ClusterRecord record_;
    std::unique_ptr<ClusterSpec> spec_;
    std::unique_ptr<ClusterLock> lock_;
    std::unique_ptr<Backend> backend_;
    std::map<std::string, std::string> homes_;  ///< by node and user
};

/// Reads a specification for creating. Warnings go to the options; throws Fatal with all mistakes otherwise.
std::unique_ptr<ClusterSpec> checked_spec(const std::string& text, const ClusterOptions& options);

struct Removal {
    bool was_there = false;
    std::vector<std::string> complaints;
};
/// Removes whatever there is of it, as far as possible; twice is once.
Removal remove_cluster(const ClusterStore& store, const std::string& name);
/// The same for all that died in the middle of being made or removed. Names of those.
std::vector<std::pair<std::string, Removal>> remove_cluster_leftovers(const ClusterStore& store);

}  // namespace csim
