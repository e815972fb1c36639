// `cluster-sim vcluster`: commands about whole clusters.
#include "apps/cluster_sim/undoable.hpp"
#include "apps/cluster_sim/vcluster_common.hpp"
#include "core/result.hpp"
#include "vcluster/cluster.hpp"
#include "vcluster/docker/foreign_clusters.hpp"
#include "vcluster/model/programs.hpp"
#include "vcluster/services/service.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace csim {

std::string spec_text(const std::string& path, const std::string& what) {
    if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
    std::ifstream in(path, std::ios::binary);
    if (!in || std::filesystem::is_directory(path)) throw Fatal("cannot read the " + what + " " + path, 2);
    return {std::istreambuf_iterator<char>(in), {}};
}

ClusterOptions cluster_options(const VclusterOptions& o) {
    ClusterOptions options;
    options.backend = o.backend;
    options.keep_failed = o.keep_failed;
    options.warn = [](const SpecIssue& issue) {
        std::cerr << "cluster-sim: warning: " << line_of(issue) << "\n";
    };
    return options;
}

namespace {

Json node_json(const RecordedNode& node) {
    return {
        {"hostname", node.hostname},
        {"aliases", node.aliases},
        {"address", node.address},
        {"started", node.started}};
}

Json record_json(const ClusterRecord& record) {
    Json nodes = Json::array();
    for (const RecordedNode& each : record.nodes) nodes.push_back(node_json(each));
    return {{"name", record.name},       {"backend", record.backend}, {"state", record.state},
            {"created", record.created}, {"owner", record.owner},     {"nodes", nodes}};
}

void tell(const ClusterRecord& record, bool longer) {
    std::cout << record.name << "  " << record.backend << "  " << record.state << "  " << record.nodes.size()
              << " nodes  " << record.created << "\n";
    if (!longer) return;
    for (const RecordedNode& each : record.nodes) {
        std::cout << "  " << each.hostname << "  " << each.address;
        for (const std::string& alias : each.aliases) std::cout << "  " << alias;
        std::cout << "\n";
    }
}

Json foreign_json(const ForeignCluster& cluster) {
    Json nodes = Json::array();
    for (const std::string& each : cluster.containers) nodes.push_back({{"name", each}});
    return {
        {"name", cluster.name},
        {"backend", "docker"},
        {"state", "foreign"},
        {"created", cluster.created},
        {"nodes", nodes}};
}

void tell(const ForeignCluster& cluster, bool longer) {
    std::cout << cluster.name << "  docker  foreign  " << cluster.containers.size() << " nodes  "
              << cluster.created << "\n";
    if (!longer) return;
    for (const std::string& each : cluster.containers) std::cout << "  " << each << "\n";
}

int shown(const Cluster& cluster, const VclusterOptions& o) {
    if (o.json)
        std::cout << record_json(cluster.record()).dump(2) << "\n";
    else
        tell(cluster.record(), true);
    return 0;
}

int told(const std::string& name, const Removal& removal) {
    for (const std::string& each : removal.complaints)
        std::cerr << "cluster-sim: " << name << ": " << each << "\n";
    if (!removal.complaints.empty()) return 1;
    std::cout
        << (removal.was_there ? "Removed the cluster " + name + ".\n"
                              : "There is no cluster " + name + "; nothing to remove.\n");
    return 0;
}

/// Ours, or with --force one that the engine has from elsewhere.
int remove_one(const ClusterStore& store, const std::string& name, bool force) {
    const Removal removal = remove_cluster(store, name);
    if (removal.was_there) return told(name, removal);
    for (const ForeignCluster& each : foreign_clusters(store)) {
        if (each.name != name) continue;
        if (force) return told(name, remove_foreign_cluster(name));
        std::cerr << "cluster-sim: " << name << " was made by another program or user, with "
                  << each.containers.size() << " containers; 'cluster-sim vcluster remove --force " << name
                  << "' removes them\n";
        return 1;
    }
    return told(name, removal);
}

}  // namespace

int vcluster_check(const VclusterOptions& o) {
    const auto spec = checked_spec(spec_text(o.spec), cluster_options(o));
    if (o.json) {
        std::cout << spec->normalised.dump(2) << "\n";
        return 0;
    }
    for (const PlannedNode& node : spec->nodes) {
        std::cout << node.hostname;
        for (const std::string& alias : node.aliases) std::cout << " " << alias;
        for (const ClusterService& service : services())
            if (service.belongs(node)) std::cout << "  [" << service.name << "]";
        std::cout << "\n";
        if (node.ldmsd) std::cout << "  " << node.ldmsd->config_file << ":\n" << node.ldmsd->config;
    }
    return 0;
}

int vcluster_create(const VclusterOptions& o) {
    const std::string text = spec_text(o.spec);
    const std::string name = checked_spec(text, {o.backend})->name;
    const ClusterStore store;
    const auto make = [&] { return shown(Cluster::create(store, text, cluster_options(o)), o); };
    // Only what was begun and not completed: another cluster of that name stays.
    return run_undoable(make, [&] {
        const auto record = store.load(name);
        if (!record || record->state != "creating" || record->owner_lives()) return;
        told(name, remove_cluster(store, name));
    });
}

int vcluster_get(const VclusterOptions& o) {
    if (!std::filesystem::is_regular_file(o.name)) return shown(Cluster::get(ClusterStore(), o.name), o);
    return shown(Cluster::get(ClusterStore(), spec_text(o.name), cluster_options(o), false), o);
}

int vcluster_get_or_create(const VclusterOptions& o) {
    const std::string text = spec_text(o.spec);
    const ClusterStore store;
    try {
        return shown(Cluster::get(store, text, cluster_options(o), true), o);
    } catch (const Fatal& failure) {
        const auto spec = checked_spec(text, {o.backend});
        if (!o.replace || !store.load(spec->name)) throw;
        if (const int status = told(spec->name, remove_cluster(store, spec->name)); status != 0)
            return status;
    }
    return shown(Cluster::create(store, text, cluster_options(o)), o);
}

int vcluster_list(const VclusterOptions& o) {
    std::vector<std::string> complaints;
    const auto records = ClusterStore().all(&complaints);
    Json all = Json::array();
    for (const ClusterRecord& each : records) {
        all.push_back(record_json(each));
        if (!o.json) tell(each, o.longer);
    }
    const auto foreign = foreign_clusters(ClusterStore());
    for (const ForeignCluster& each : foreign) {
        all.push_back(foreign_json(each));
        if (!o.json) tell(each, o.longer);
    }
    if (o.json) std::cout << all.dump(2) << "\n";
    for (const std::string& each : complaints) std::cerr << "cluster-sim: " << each << "\n";
    if (records.empty() && foreign.empty() && !o.json) std::cerr << "cluster-sim: there are no clusters\n";
    return complaints.empty() ? 0 : 1;
}

int vcluster_remove(const VclusterOptions& o) {
    const ClusterStore store;
    int status = 0;
    const auto swept =
        o.leftovers ? remove_cluster_leftovers(store) : std::vector<std::pair<std::string, Removal>>{};
    for (const auto& [name, removal] : swept) status = std::max(status, told(name, removal));
    if (o.leftovers && swept.empty() && o.names.empty() && !o.all)
        std::cout << "Nothing is left over of any cluster.\n";
    std::vector<std::string> names = o.names;
    if (o.all)
        for (const ClusterRecord& each : store.all()) names.push_back(each.name);
    if (names.empty() && !o.leftovers && !o.all)
        throw Fatal("give names of clusters, --all or --leftovers", 2);
    for (const std::string& name : names) status = std::max(status, remove_one(store, name, o.force));
    return status;
}

int vcluster_hosts(const VclusterOptions& o) {
    std::cout << Cluster::get(ClusterStore(), o.name).hosts_text();
    return 0;
}

int vcluster_conf(const VclusterOptions& o) {
    const Cluster cluster = Cluster::get(ClusterStore(), o.name);
    std::cout << "# slurm.conf\n" << slurm_conf_text(cluster);
    for (const PlannedNode& node : cluster.spec().nodes)
        if (node.ldmsd)
            std::cout << "\n# " << node.hostname << ":" << node.ldmsd->config_file << "\n"
                      << node.ldmsd->config;
    return 0;
}

int vcluster_commands(const VclusterOptions&) {
    for (const std::string& each : model::program_names()) std::cout << each << "\n";
    return 0;
}

int vcluster_doctor(const VclusterOptions& o) {
    Json all = Json::object();
    for (const char* backend : {"simulated", "namespaces", "docker"}) {
        const std::string why = why_not_backend(backend);
        all[backend] = why;
        if (!o.json) std::cout << backend << ": " << (why.empty() ? "can be used" : why) << "\n";
    }
    if (o.json) std::cout << all.dump(2) << "\n";
    return 0;
}

}  // namespace csim
