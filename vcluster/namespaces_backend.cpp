// Clusters of real nodes on this machine: a run of namespaces that outlives the command, with a network of
// its own.
#include "core/event_loop.hpp"
#include "runtime/namespaces/namespaces_runtime.hpp"
#include "runtime/namespaces/stage.hpp"
#include "vcluster/backend.hpp"
#include "vcluster/cluster.hpp"
#include "vcluster/namespaces_furniture.hpp"
#include "vcluster/spec/checker.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>

namespace csim {
namespace {

/// What containers usually may do, by the kernel's numbers.
constexpr int usual_capabilities[] = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31};

NamespacesOptions options_of(
    const ClusterStore& store, const ClusterRecord& record, const ClusterSpec& spec, bool fresh
) {
    NamespacesOptions options;
    options.folder = store.folder_of(record.name) + "/nodes";
    // Names of container images mean nothing here: the machine's own root serves in their place.
    const std::string& image = spec.nodes.empty() ? spec.image : spec.nodes[0].image;
    options.base = image.starts_with("/") ? image : "/";
    if (!std::filesystem::is_directory(options.base))
        throw Fatal("image: there is no folder " + options.base, cluster_status::invalid);
    options.purpose = "vcluster";
    options.kept = true;
    options.adopt = !fresh;
    if (fresh) return options;
    if (const auto stage = find_stage(options.folder, options.ledgers); !stage)
        throw Fatal(stage.error().detail, cluster_status::not_found);
    return options;
}

class NamespacesBackend final : public Backend {
  public:
    NamespacesBackend(
        const ClusterStore& store, const ClusterRecord& record, const ClusterSpec& spec, bool fresh
    )
        : options_(options_of(store, record, spec, fresh)),
          timeline_(wall_now()),
          loop_(timeline_, Pace::realtime()),
          runtime_(std::make_unique<NamespacesRuntime>(loop_, timeline_, options_)),
          nodes_(timeline_, loop_, *runtime_) {}

    Nodes& nodes() override { return nodes_; }
    bool real() const override { return true; }

    std::vector<std::string> addresses(const ClusterSpec& spec) override {
        if (!spec.subnet.empty() && !spec.subnet.starts_with("10."))
            throw Fatal(
                "subnet: nodes in namespaces have addresses of 10.0.0.0/8, not of " + spec.subnet,
                cluster_status::invalid
            );
        return Backend::addresses(spec);
    }

    void furnish(const ClusterSpec& spec, const PlannedNode& node) override {
        std::vector<MountSpec> mounts;
        std::error_code error;
        if (std::filesystem::is_directory(spec.ovis_prefix, error))
            mounts.push_back({spec.ovis_prefix, "/opt/ovis", true});
        mounts.insert(mounts.end(), node.mounts.begin(), node.mounts.end());
        // A node that was started again has another first process.
        if (const pid_t known = pids_[node.hostname]; known == 0 || ::kill(known, 0) != 0) learn_pids();
        const auto done = furnish_namespace(pids_[node.hostname], mounts);
        if (!done) throw Fatal(node.hostname + ": " + done.error().detail);
    }

    std::uint64_t without_capabilities(const ClusterSpec& spec) override {
        std::uint64_t with = 0;
        for (const int each : usual_capabilities) with |= 1ULL << each;
        for (const std::string& name : spec.cap_add)
            with |= name == "ALL" ? ~0ULL : 1ULL << capability_number(name);
        for (const std::string& name : spec.cap_drop)
            with &= name == "ALL" ? 0 : ~(1ULL << capability_number(name));
        return ~with & ((1ULL << 41) - 1);
    }

    std::vector<std::string> end() override {
        const Ledger ledger = runtime_->ledger();
        runtime_.reset();
        return take_down(ledger, options_.ledgers, 30s).kept;
    }

  private:
    void learn_pids() {
        bool over = false;
        runtime_->list(30s, [&](NodeResult<std::vector<NodeInfo>> listed) {
            if (listed)
                for (const NodeInfo& each : *listed) pids_[each.name] = static_cast<pid_t>(each.pid);
            over = true;
            loop_.stop();
        });
        while (!over) loop_.run();
    }

    NamespacesOptions options_;
    Timeline timeline_;
    EventLoop loop_;
    std::unique_ptr<NamespacesRuntime> runtime_;
    Nodes nodes_;
    std::map<std::string, pid_t> pids_;
};

}  // namespace

std::unique_ptr<Backend> namespaces_backend(
    const ClusterStore& store, const ClusterRecord& record, const ClusterSpec& spec, bool fresh
) {
    return std::make_unique<NamespacesBackend>(store, record, spec, fresh);
}

}  // namespace csim
