#include "vcluster/cluster.hpp"

#include "core/hex.hpp"
#include "core/rng.hpp"
#include "core/utc.hpp"
#include "vcluster/docker/docker_backend.hpp"
#include "vcluster/model/world.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <pwd.h>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace csim {
namespace {

std::string user_name() {
    const passwd* entry = ::getpwuid(::geteuid());
    return entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
}

std::string now_text() {
    return utc_text_bare(wall_now()).substr(0, 19) + "Z";
}

int status_of(const NodeError& error) {
    if (error.kind == NodeError::Kind::timeout) return cluster_status::timeout;
    return error.kind == NodeError::Kind::not_found && error.phase != NodePhase::file
               ? cluster_status::not_found
               : cluster_status::failed;
}

template <class T>
T value_or_fatal(NodeResult<T> result) {
    if (!result) throw Fatal(result.error().detail, status_of(result.error()));
    return std::move(*result);
}

std::string incomplete(const ClusterRecord& record) {
    if (record.state == "ready") return "";
    const std::string why = record.failure.empty() ? "" : ": " + record.failure;
    return "the cluster '" + record.name + "' is not complete (" + record.state + why +
           "); 'cluster-sim vcluster remove " + record.name + "' removes what there is";
}

}  // namespace

std::unique_ptr<ClusterSpec> checked_spec(const std::string& text, const ClusterOptions& options) {
    SpecWorld world;
    world.backend = options.backend;
    world.path_exists = [](const std::string& path) { return ::access(path.c_str(), F_OK) == 0; };
    ParsedSpec parsed = parse_spec(text, world);
    std::string all;
    for (const SpecIssue& each : parsed.issues) {
        if (each.warning && options.warn) options.warn(each);
        if (!each.warning) all += (all.empty() ? "" : "\n") + line_of(each);
    }
    if (!all.empty()) throw Fatal(all, cluster_status::invalid);
    if (parsed.spec.backend == "simulated")
        if (const auto sim = model::read_model_options(parsed.spec.sim); !sim)
            throw Fatal(sim.error().detail, cluster_status::invalid);
    return std::make_unique<ClusterSpec>(std::move(parsed.spec));
}

Cluster::Cluster(
    const ClusterStore& store, ClusterRecord record, std::unique_ptr<ClusterSpec> spec, ClusterLock lock
)
    : store_(store),
      record_(std::move(record)),
      spec_(std::move(spec)),
      lock_(std::make_unique<ClusterLock>(std::move(lock))) {}

// What is on disk is committed by hand; a failure here has nobody to tell.
Cluster::~Cluster() {
    try {
        if (backend_) backend_->commit();
    } catch (const std::exception&) {
        return;
    }
}

Cluster Cluster::create(
    const ClusterStore& store, const std::string& spec_text, const ClusterOptions& options
) {
    auto spec = checked_spec(spec_text, options);
    ClusterLock lock(store, spec->name);
    if (const auto there = store.load(spec->name); there || there.error().code != Errc::not_found)
        throw Fatal(
            "there is a cluster '" + spec->name + "' already; 'cluster-sim vcluster remove " + spec->name +
                "' removes it",
            cluster_status::exists
        );
    ClusterRecord record;
    record.name = spec->name;
    record.backend = spec->backend;
    record.state = "creating";
    record.spec = spec_text;
    record.created = now_text();
    record.owner = user_name();
    record.own();
    if (record.backend == "docker") record.place = usual_engine();
    if (const std::string why = why_not_backend(store, record.backend); !why.empty()) {
        store.forget(record.name);
        throw Fatal(why, cluster_status::unavailable);
    }
    store.save(record);
    try {
        Cluster cluster(store, record, std::move(spec), std::move(lock));
        cluster.build();
        return cluster;
    } catch (const Fatal& failure) {
        if (!options.keep_failed) {
            remove_cluster(store, record.name);
            throw;
        }
        auto kept = store.load(record.name);
        if (kept) {
            kept->state = "failed";
            kept->failure = failure.what();
            kept->owner_pid = 0;
            store.save(*kept);
        }
        throw Fatal(
            std::string(failure.what()) + "\nWhat was made is kept; 'cluster-sim vcluster remove " +
                record.name + "' removes it",
            failure.status
        );
    }
}

void Cluster::build() {
    backend_ = make_backend(store_, record_, *spec_);
    const auto addresses = backend_->addresses(*spec_);
    std::vector<NodeSpec> specs;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < spec_->nodes.size(); ++i) {
        const PlannedNode& node = spec_->nodes[i];
        record_.nodes.push_back({node.hostname, node.aliases, addresses[i], ""});
        specs.push_back(backend_->node_spec(*spec_, node, addresses[i]));
        names.push_back(specs.back().name);
    }
    store_.save(record_);
    backend_->begin(*spec_);
    const auto check = [](const Nodes::Results& results) {
        for (const auto& [name, result] : results)
            if (!result) throw Fatal(name + ": " + sentence(result.error()), status_of(result.error()));
    };
    check(nodes().create_all(std::move(specs), 60s));
    check(nodes().start_all(std::move(names), 60s));
    for (RecordedNode& each : record_.nodes) each.started = now_text();
    furnish(all_nodes());
    backend_->commit();
    record_.state = "ready";
    record_.owner_pid = 0;
    store_.save(record_);
}

Cluster Cluster::get(const ClusterStore& store, const std::string& name) {
    if (const auto there = store.load(name); !there)
        throw Fatal(
            there.error().detail,
            there.error().code == Errc::not_found ? cluster_status::not_found : cluster_status::failed
        );
    ClusterLock lock(store, name);
    auto record = store.load(name);
    if (!record) {
        store.forget(name);
        throw Fatal(record.error().detail, cluster_status::not_found);
    }
    // A cluster that was kept after a failure can be looked at.
    if (record->state != "ready" && record->state != "failed")
        throw Fatal(incomplete(*record), cluster_status::failed);
    SpecWorld world;
    world.backend = record->backend;
    auto spec = std::make_unique<ClusterSpec>(parse_spec(record->spec, world).spec);
    Cluster cluster(store, std::move(*record), std::move(spec), std::move(lock));
    cluster.backend_ = find_backend(store, cluster.record_, *cluster.spec_);
    return cluster;
}

Cluster Cluster::get(
    const ClusterStore& store, const std::string& spec_text, const ClusterOptions& options, bool create
) {
    const auto spec = checked_spec(spec_text, options);
    const auto record = store.load(spec->name);
    if (!record && create) return Cluster::create(store, spec_text, options);
    if (!record) throw Fatal(record.error().detail, cluster_status::not_found);
    if (record->state != "ready") throw Fatal(incomplete(*record), cluster_status::failed);
    SpecWorld world;
    world.backend = record->backend;
    const Json theirs = parse_spec(record->spec, world).spec.normalised;
    std::string paths;
    for (const std::string& each : differences(theirs, spec->normalised))
        paths += (paths.empty() ? "" : ", ") + each;
    if (!paths.empty())
        throw Fatal(
            "the cluster '" + spec->name + "' was made from another specification; they differ at " + paths,
            cluster_status::exists
        );
    return get(store, spec->name);
}

const PlannedNode& Cluster::node(const std::string& name) const {
    if (name.empty()) return service_node();
    if (const PlannedNode* found = find_planned(*spec_, name)) return *found;
    std::string known;
    for (const PlannedNode& each : spec_->nodes) {
        known += (known.empty() ? "" : ", ") + each.hostname;
        for (const std::string& alias : each.aliases) known += " (" + alias + ")";
    }
    throw Fatal(
        "the cluster '" + spec_->name + "' has no node '" + name + "'; it has " + known,
        cluster_status::not_found
    );
}

const std::string& Cluster::address_of(const PlannedNode& node) const {
    for (const RecordedNode& each : record_.nodes)
        if (each.hostname == node.hostname) return each.address;
    throw Fatal("nobody knows the address of " + node.hostname);
}

std::vector<const PlannedNode*> Cluster::all_nodes() const {
    std::vector<const PlannedNode*> all;
    for (const PlannedNode& each : spec_->nodes) all.push_back(&each);
    return all;
}

std::string Cluster::hosts_text() const {
    std::string text = "127.0.0.1 localhost\n";
    for (const RecordedNode& each : record_.nodes) {
        text += each.address + " " + each.hostname;
        for (const std::string& alias : each.aliases) text += " " + alias;
        text += "\n";
    }
    return text;
}

std::map<std::string, NodeInfo> Cluster::states() {
    std::map<std::string, NodeInfo> all;
    NodeResult<std::vector<NodeInfo>> listed = NodeError{};
    bool over = false;
    nodes().runtime().list(30s, [&](NodeResult<std::vector<NodeInfo>> result) {
        listed = std::move(result);
        over = true;
        nodes().loop().stop();
    });
    while (!over) nodes().loop().run();
    for (NodeInfo& info : value_or_fatal(std::move(listed)))
        for (const PlannedNode& node : spec_->nodes)
            if (runtime_name(node) == info.name) all[node.hostname] = info;
    return all;
}

std::string Cluster::find_secret(const std::string& name) const {
    const auto found = record_.secrets.find(name);
    if (found == record_.secrets.end()) return "";
    const auto bytes = parse_base64(found->second);
    return bytes ? *bytes : "";
}

void Cluster::keep_secret(const std::string& name, const std::string& value) {
    record_.secrets[name] = base64_text(value);
    store_.save(record_);
}

std::string Cluster::secret(const std::string& name, std::size_t bytes) {
    if (std::string kept = find_secret(name); !kept.empty()) return kept;
    std::string made(bytes, '\0');
    if (!backend_->real()) {
        // The same every time, as everything in a simulated cluster.
        const std::uint64_t seed = spec_->sim.value("seed", std::uint64_t{1});
        Rng chance = Rng(seed).stream("secrets/" + name);
        for (char& each : made) each = static_cast<char>(chance.between(0, 255));
    } else if (::RAND_bytes(reinterpret_cast<unsigned char*>(made.data()), static_cast<int>(bytes)) != 1)
        throw Fatal("there is no randomness to be had");
    keep_secret(name, made);
    return made;
}

}  // namespace csim
