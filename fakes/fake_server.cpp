#include "fakes/fake_server.hpp"

#include "core/json_codec.hpp"
#include "fakes/node_names.hpp"
#include "state/document_of.hpp"

#include <cassert>

namespace csim {
namespace {

constexpr std::string_view document_prefix = "fake_server_";
constexpr const char* agent_package = "chroma-agent";

ServerState new_state(const NewServer& wanted, std::int64_t cluster_id, const PackageVersions& available) {
    ServerState state;
    state.id = wanted.id;
    state.worker = wanted.worker;
    state.nodename = node_name(wanted.id, wanted.worker);
    state.fqdn = node_fqdn(wanted.id, wanted.worker);
    state.cluster_id = cluster_id;
    for (std::int64_t k = 0; k < wanted.nid_count; ++k) {
        const std::string type = !wanted.worker && k % 2 == 1 ? "o2ib" : "tcp";
        state.network_interfaces[node_address(wanted.id, wanted.worker, k)] = {k, type, type, k};
    }
    const auto agent = available.find(agent_package);
    if (agent != available.end()) state.packages.insert(*agent);
    return state;
}

}  // namespace

std::string server_document(const std::string& fqdn) {
    return std::string(document_prefix) + fqdn + ".json";
}

std::vector<std::string> server_documents(const StateStore& store) {
    return store.documents(document_prefix);
}

ServerState load_server_state(
    const StateStore& store, const std::string& document, std::int64_t cluster_size
) {
    auto saved = store.load({document, ""});
    if (!saved) throw Fatal("saved document " + document + " has disappeared");
    // The original marks typed records by name and keeps statistics; neither means anything here.
    for (const char* service : {"corosync", "pacemaker"}) {
        if (saved->contains(service) && (*saved)[service].is_object()) {
            (*saved)[service].erase("__dict_struct_type__");
        }
    }
    const bool has_cluster = saved->contains("cluster_id");
    auto state = from_json_value<ServerState>(*saved, Strictness::saved);
    if (!state) throw Fatal("saved document " + document + " does not fit: " + state.error().detail);
    state->stats = nullptr;
    if (!has_cluster) {
        state->cluster_id = state->worker || cluster_size <= 0 ? -1 : state->id / cluster_size;
    }
    return *state;
}

FakeServer::FakeServer(
    const FakesContext& context, ServerSurroundings& surroundings, FakeCluster& cluster,
    const NewServer& wanted
)
    : context_(context), surroundings_(surroundings), cluster_(cluster), life_(context.run) {
    auto state = new_state(wanted, cluster.id(), surroundings.catalogue.of(wanted.worker));
    state.boot_time = context_.timeline.now();
    const EntryName name{server_document(state.fqdn), ""};
    begin(std::make_unique<Document<ServerState>>(context_.documents, name, std::move(state)));
}

FakeServer::FakeServer(
    const FakesContext& context, ServerSurroundings& surroundings, FakeCluster& cluster, ServerState loaded
)
    : context_(context), surroundings_(surroundings), cluster_(cluster), life_(context.run) {
    assert(loaded.cluster_id == cluster.id());
    const EntryName name{server_document(loaded.fqdn), ""};
    using Saved = Document<ServerState>;
    begin(std::make_unique<Saved>(Saved::Loaded{}, context_.documents, name, std::move(loaded)));
}

FakeServer::~FakeServer() {
    context_.timeline.cancel(timer_);
    cluster_.detach(nodename());
}

void FakeServer::begin(std::unique_ptr<Document<ServerState>> state) {
    state_ = std::move(state);
    life_ = context_.run.stream("life/" + fqdn());
    activity_ = Activity(context_.run.stream("node-stats/" + fqdn()));
    cluster_.attach(nodename(), fqdn(), (*state_)->id, *this);
}

void FakeServer::erase() {
    context_.timeline.cancel(timer_);
    cluster_.remove_node(nodename());
    state_->erase();
}

}  // namespace csim
