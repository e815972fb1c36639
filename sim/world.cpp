#include "sim/world.hpp"

#include "core/json_codec.hpp"
#include "fakes/node_names.hpp"
#include "state/document_of.hpp"

#include <utility>

namespace csim {
namespace {

const EntryName simulator_document{"simulator.json", ""};

std::optional<SimulatorState> read_state(const StateStore& store) {
    const auto saved = store.load(simulator_document);
    if (!saved) return std::nullopt;
    auto state = from_json_value<SimulatorState>(*saved, Strictness::saved);
    if (!state) throw Fatal("simulator.json is damaged: " + state.error().detail);
    return std::move(*state);
}

constexpr double failure_detection_max_s = 3600;

ClusterOptions options_of(const HaSettings& settings) {
    return {
        .failure_detection = Duration(static_cast<std::int64_t>(settings.failure_detection * 1e9)),
        .automatic_failback = settings.automatic_failback,
        .stonith_enabled = settings.stonith_enabled,
        .quorum = settings.quorum};
}

std::unique_ptr<Document<SimulatorState>> load_state(Documents& documents) {
    using Saved = Document<SimulatorState>;
    auto state = read_state(documents.store());
    if (!state) return std::make_unique<Saved>(documents, simulator_document, SimulatorState{});
    return std::make_unique<Saved>(Saved::Loaded{}, documents, simulator_document, std::move(*state));
}

}  // namespace

World::World(const FakesContext& context, ServerSurroundings& surroundings)
    : context_(context),
      surroundings_(surroundings),
      state_(load_state(context.documents)),
      devices_(context.documents),
      targets_(context.documents, devices_, context.run),
      statistics_(targets_, devices_, context.run),
      clients_(context.documents),
      controllers_(context.documents, context.run),
      power_(context),
      hsm_(context) {
    surroundings_.catalogue = (*state_)->packages;
    wire_up();
    load_servers();
}

World::~World() = default;

void World::wire_up() {
    targets_.ask_started_on([this](const std::string& uuid) { return started_on(uuid); });
    targets_.ask_nids_of([this](const std::string& fqdn) {
        const FakeServer* server = find(fqdn);
        return server == nullptr ? std::vector<std::string>{} : server->nids();
    });
    surroundings_.has_power = [this](const FakeServer& server) { return power_.has_power(server.fqdn()); };
    power_.on_power_lost = [this](const std::string& fqdn) {
        if (FakeServer* const server = find(fqdn)) server->power_lost();
    };
    power_.on_power_restored = [this](const std::string& fqdn) {
        if (FakeServer* const server = find(fqdn)) server->power_restored();
    };
    statistics_.hsm_of = [this](const std::string& fsname) { return hsm_.metrics(fsname); };
    statistics_.mounts_of = [this](const std::string& fsname) { return clients_.mounts_of(fsname); };
}

void World::load_servers() {
    const auto& documents = context_.documents.store();
    const std::int64_t cluster_size = (*state_)->cluster_size.value_or(4);
    for (const std::string& name : server_documents(documents)) {
        ServerState loaded = load_server_state(documents, name, cluster_size);
        FakeCluster& home = cluster(loaded.cluster_id);
        insert(std::make_unique<FakeServer>(context_, surroundings_, home, std::move(loaded)));
    }
    std::set<std::string> servers;
    for (const FakeServer* node : nodes()) {
        if (!node->worker()) servers.insert(node->fqdn());
    }
    power_.reconcile(servers);
}

void World::resume() {
    power_.resume();
    hsm_.resume();
    for (FakeServer* server : nodes()) server->resume();
}

void World::set_manager_url(const std::string& url) {
    if ((*state_)->manager_url == url) return;
    state_->edit([&](SimulatorState& state) { state.manager_url = url; });
}

void World::set_seed(std::uint64_t seed) {
    state_->edit([&](SimulatorState& state) { state.seed = seed; });
}

std::uint64_t saved_seed(const StateStore& store) {
    const auto state = read_state(store);
    return state ? state->seed : 1;
}

Result<Nothing> World::set_ha(const HaSettings& settings) {
    if (!(settings.failure_detection >= 0 && settings.failure_detection <= failure_detection_max_s))
        return Error{Errc::bad_argument, "/failure_detection: expected between 0 and 3600 seconds"};
    state_->edit([&](SimulatorState& state) { state.ha = settings; });
    for (auto& [id, cluster] : clusters_) cluster->set_options(options_of(settings));
    return Nothing{};
}

FakeServer* World::find(const std::string& fqdn) const {
    const auto found = by_fqdn_.find(fqdn);
    return found == by_fqdn_.end() ? nullptr : found->second;
}

std::vector<FakeServer*> World::nodes() const {
    std::vector<FakeServer*> all;
    all.reserve(nodes_.size());
    for (const auto& [place, server] : nodes_) all.push_back(server.get());
    return all;
}

FakeCluster& World::cluster(std::int64_t id) {
    auto& cluster = clusters_[id];
    if (cluster == nullptr) cluster = std::make_unique<FakeCluster>(context_, id, options_of((*state_)->ha));
    return *cluster;
}

std::vector<FakeCluster*> World::clusters() const {
    std::vector<FakeCluster*> all;
    for (const auto& [id, cluster] : clusters_) all.push_back(cluster.get());
    return all;
}

std::string World::started_on(const std::string& uuid) const {
    for (const auto& [id, cluster] : clusters_) {
        const ResourceState* resource = cluster->find_by_uuid(uuid);
        if (resource == nullptr || !resource->started_on) continue;
        const auto node = cluster->state().nodes.find(*resource->started_on);
        if (node != cluster->state().nodes.end()) return node->second.fqdn;
    }
    return "";
}

FakeServer* World::insert(std::unique_ptr<FakeServer> server) {
    FakeServer* const added = server.get();
    by_fqdn_[added->fqdn()] = added;
    nodes_[{added->worker(), (*added)->id}] = std::move(server);
    return added;
}

}  // namespace csim
