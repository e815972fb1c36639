// Taking clusters away, whole ones and what is left of broken ones.
#include "vcluster/cluster.hpp"

#include <unistd.h>

namespace csim {

struct ClusterRemoval {
    const ClusterStore& store;

    Removal remove(const std::string& name, ClusterRecord record) const {
        Removal removal;
        removal.was_there = true;
        record.state = "removing";
        record.own();
        store.save(record);
        SpecWorld world;
        world.backend = record.backend;
        const ClusterSpec spec = parse_spec(record.spec, world).spec;
        try {
            const auto backend = find_backend(store, record, spec);
            std::vector<std::string> names;
            for (const PlannedNode& node : spec.nodes) names.push_back(backend->name_of(node.hostname));
            for (const auto& [node, result] : backend->nodes().remove_all(names, Duration::zero(), 30s))
                if (!result) removal.complaints.push_back(node + ": " + sentence(result.error()));
            const auto rest = backend->end();
            removal.complaints.insert(removal.complaints.end(), rest.begin(), rest.end());
        } catch (const Fatal& failure) {
            // Nothing stands any more, so nothing is to be removed.
            if (failure.status != cluster_status::not_found) removal.complaints.push_back(failure.what());
        }
        if (removal.complaints.empty()) store.forget(name);
        return removal;
    }
};

Removal remove_cluster(const ClusterStore& store, const std::string& name) {
    auto record = store.load(name);
    if (!record && record.error().code == Errc::not_found) return {};
    if (!record)
        throw Fatal(
            record.error().detail + "; its folder " + store.folder_of(name) + " can be removed by hand"
        );
    if (record->owner_lives() && record->owner_pid != ::getpid())
        throw Fatal(
            "process " + std::to_string(record->owner_pid) + " is at work on the cluster '" + name +
            "'; end it first"
        );
    if (const std::string why = why_not_backend(store, record->backend);
        store.simulated_only() && !why.empty())
        throw Fatal(why, cluster_status::unavailable);
    return ClusterRemoval{store}.remove(name, std::move(*record));
}

std::vector<std::pair<std::string, Removal>> remove_cluster_leftovers(const ClusterStore& store) {
    std::vector<std::pair<std::string, Removal>> all;
    for (const ClusterRecord& record : store.all())
        if ((record.state == "creating" || record.state == "removing") && !record.owner_lives())
            all.emplace_back(record.name, ClusterRemoval{store}.remove(record.name, record));
    return all;
}

}  // namespace csim
