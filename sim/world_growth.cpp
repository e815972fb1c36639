// How a world comes to be, grows and shrinks.
#include "fakes/node_names.hpp"
#include "sim/world.hpp"
#include "state/document_of.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace csim {
namespace {

constexpr std::int64_t worker_cluster = -1;

/// Something a setup counts: how many there are, and how many there are to be.
struct Total {
    const char* what;
    int present;
    int wanted;
};

Error cannot_shrink(const Total& total) {
    return Error{
        Errc::conflict, "there are " + std::to_string(total.present) + " " + total.what +
                            " already, and a setup never removes any; " + std::to_string(total.wanted) +
                            " are too few"};
}

/// What is wrong with so many NIDs of a node, when ids reach up to `highest_id` then.
std::optional<Error> nids_fault(int nid_count, std::int64_t highest_id) {
    const std::int64_t most = interface_no_max_with(highest_id) + 1;
    if (nid_count >= 1 && nid_count <= most) return std::nullopt;
    std::string why =
        "a node has between 1 and " + std::to_string(most) + " NIDs, not " + std::to_string(nid_count);
    if (most <= interface_no_max)
        why += ", in a cluster of more than " + std::to_string(nodes_of_block) + " servers";
    return Error{Errc::bad_argument, why};
}

/// What is added in scalable units must divide by them.
Result<Setup> check_units(const Setup& missing) {
    if (missing.su_size == 0) return missing;
    const int units = missing.server_count / missing.su_size;
    const bool whole = missing.server_count % missing.su_size == 0;
    if (whole && (units == 0 ? missing.volumes() == 0 : missing.volumes() % units == 0)) return missing;
    return Error{
        Errc::conflict, "the " + std::to_string(missing.server_count) + " further servers and " +
                            std::to_string(missing.volumes()) +
                            " further volumes are not a whole number of equal scalable units"};
}

std::vector<std::string> fqdns_of(const std::vector<FakeServer*>& servers) {
    std::vector<std::string> names;
    for (const FakeServer* server : servers) names.push_back(server->fqdn());
    return names;
}

}  // namespace

Result<Nothing> World::create(const Setup& setup) {
    if (const auto possible = check(setup); !possible) return possible.error();
    const auto missing = missing_of(setup);
    if (!missing) return missing.error();
    if ((*state_)->cluster_size != setup.cluster_size)
        state_->edit([&](SimulatorState& state) { state.cluster_size = setup.cluster_size; });
    for (int i = 0; i < missing->psu_count; ++i) power_.add_strip();
    const int units = missing->su_size > 0 ? missing->server_count / missing->su_size : 0;
    for (int i = 0; i < units; ++i) {
        if (auto unit = add_unit(setup.su_size, missing->volumes() / units, setup.nid_count); !unit)
            return unit.error();
    }
    if (missing->su_size == 0 && missing->server_count + missing->volumes() > 0) {
        if (auto added = add_to_all(*missing); !added) return added.error();
    }
    for (int i = 0; i < missing->worker_count; ++i) {
        if (auto worker = add_worker(setup.nid_count); !worker) return worker.error();
    }
    return Nothing{};
}

Result<Setup> World::missing_of(const Setup& wanted) const {
    if (set_up() && !nodes_.empty() && (*state_)->cluster_size != wanted.cluster_size) {
        return Error{
            Errc::conflict, "the cluster size is " + std::to_string(*(*state_)->cluster_size) +
                                " and cannot become " + std::to_string(wanted.cluster_size)};
    }
    const auto all = nodes();
    const auto workers =
        static_cast<int>(std::ranges::count_if(all, [](const auto* node) { return node->worker(); }));
    const auto servers = static_cast<int>(all.size()) - workers;
    const auto volumes = static_cast<int>(devices_.volume_count());
    const auto strips = static_cast<int>(power_.strips().size());
    // A world that was emptied keeps its volumes; nobody sees them, and they do not count.
    const int counted_volumes = all.empty() ? 0 : volumes;
    const Total totals[] = {
        {"servers", servers, wanted.server_count},
        {"workers", workers, wanted.worker_count},
        {"volumes", counted_volumes, wanted.volumes()},
        {"power strips", all.empty() ? 0 : strips, wanted.psu_count}};
    for (const Total& each : totals) {
        if (each.present > each.wanted) return cannot_shrink(each);
    }
    Setup missing = wanted;
    missing.server_count = wanted.server_count - servers;
    missing.worker_count = wanted.worker_count - workers;
    missing.volume_count = wanted.volumes() - counted_volumes;
    missing.psu_count = std::max(0, wanted.psu_count - strips);
    const auto& ids = **state_;
    if (ids.next_server_id + missing.server_count - 1 > node_id_max ||
        ids.next_worker_id + missing.worker_count - 1 > node_id_max)
        return Error{Errc::exhausted, "there are no addresses left for so many nodes"};
    const std::int64_t last = ids.next_server_id + missing.server_count - 1;
    if (const auto fault = nids_fault(wanted.nid_count, last)) return *fault;
    return check_units(missing);
}

Result<Nothing> World::add_to_all(const Setup& more) {
    for (int i = 0; i < more.server_count; ++i) {
        if (auto server = add_server(more.nid_count); !server) return server.error();
    }
    std::vector<FakeServer*> servers;
    for (FakeServer* node : nodes()) {
        if (!node->worker()) servers.push_back(node);
    }
    const auto serials = devices_.add_volumes(static_cast<std::size_t>(more.volumes()));
    return devices_.present("all", fqdns_of(servers), serials);
}

Result<FakeServer*> World::add_server(int nid_count) {
    return add_node(false, nid_count);
}

Result<FakeServer*> World::add_worker(int nid_count) {
    return add_node(true, nid_count);
}

Result<FakeServer*> World::add_node(bool worker, int nid_count) {
    const std::int64_t id = worker ? (*state_)->next_worker_id : (*state_)->next_server_id;
    if (const auto fault = nids_fault(nid_count, id)) return *fault;
    if (id > node_id_max) return Error{Errc::exhausted, "there are no addresses left for another node"};
    state_->edit([&](SimulatorState& state) { ++(worker ? state.next_worker_id : state.next_server_id); });
    return make_node(worker, id, nid_count);
}

FakeServer* World::make_node(bool worker, std::int64_t id, int nid_count) {
    FakeCluster& home = cluster(worker ? worker_cluster : id / (*state_)->cluster_size.value_or(4));
    FakeServer* const added = insert(std::make_unique<FakeServer>(
        context_, surroundings_, home, NewServer{.id = id, .worker = worker, .nid_count = nid_count}
    ));
    if (!worker) power_.add_server(added->fqdn());
    return added;
}

Result<ScalableUnit> World::add_unit(int server_count, int volume_count, int nid_count) {
    auto begun = begin_unit(server_count, volume_count, nid_count);
    if (!begun) return begun.error();
    while (continue_unit(*begun, server_count, volume_count)) continue;
    return std::move(begun->unit);
}

Result<UnitInProgress> World::begin_unit(int server_count, int volume_count, int nid_count) {
    if (server_count < 1) return Error{Errc::bad_argument, "a scalable unit has at least one server"};
    if (volume_count < 0 || volume_count > volumes_max) {
        return Error{
            Errc::bad_argument,
            "a scalable unit has between 0 and " + std::to_string(volumes_max) + " volumes"};
    }
    const std::int64_t last = (*state_)->next_server_id + server_count - 1;
    if (const auto fault = nids_fault(nid_count, last)) return *fault;
    if ((*state_)->next_server_id + server_count - 1 > node_id_max) {
        return Error{Errc::exhausted, "there are no addresses left for so many servers"};
    }
    UnitInProgress unit;
    unit.group = "su-" + std::to_string((*state_)->next_unit);
    unit.next_id = (*state_)->next_server_id;
    unit.servers_left = server_count;
    unit.volumes_left = volume_count;
    unit.nid_count = nid_count;
    state_->edit([&](SimulatorState& state) {
        ++state.next_unit;
        state.next_server_id += server_count;
    });
    unit.unit.controller_id = controllers_.add().id();
    return unit;
}

bool World::continue_unit(UnitInProgress& unit, int servers_max, int volumes_max) {
    if (unit.servers_left > 0) {
        const int now = std::min(unit.servers_left, servers_max);
        for (int i = 0; i < now; ++i)
            unit.unit.fqdns.push_back(make_node(false, unit.next_id++, unit.nid_count)->fqdn());
        unit.servers_left -= now;
        return true;
    }
    const int now = std::min(unit.volumes_left, volumes_max);
    const auto made = devices_.add_volumes(static_cast<std::size_t>(now));
    unit.volumes_left -= now;
    // The first portion presents the servers; later ones only grow the group's volumes.
    const auto servers = unit.unit.serials.empty() ? unit.unit.fqdns : std::vector<std::string>{};
    if (!devices_.present(unit.group, servers, made)) assert(false && "volumes just made are known");
    FakeController& controller = *controllers_.find(unit.unit.controller_id);
    for (const std::string& serial : made) {
        if (!controller.add_lun(serial, devices_.find_volume(serial)->size))
            assert(false && "a new volume is a new LUN");
        unit.unit.serials.push_back(serial);
    }
    return unit.volumes_left > 0;
}

Result<Nothing> World::remove(const std::string& fqdn) {
    FakeServer* const server = find(fqdn);
    if (server == nullptr) return Error{Errc::not_found, "there is no server " + fqdn};
    server->power_lost();
    hsm_.remove_server(fqdn);
    power_.remove_server(fqdn);
    devices_.remove_presentations(fqdn);
    server->erase();
    FakeCluster& home = server->cluster();
    const Place place{server->worker(), (*server)->id};
    by_fqdn_.erase(fqdn);
    nodes_.erase(place);
    if (home.state().nodes.empty()) {
        home.erase();
        clusters_.erase(home.id());
    }
    return Nothing{};
}

Result<Nothing> World::update_packages(const PackageVersions& packages, const std::string& node_type) {
    if (node_type != "server" && node_type != "worker") {
        return Error{Errc::bad_argument, "the node type is server or worker, not " + node_type};
    }
    state_->edit([&](SimulatorState& state) {
        PackageVersions& catalogue = node_type == "server" ? state.packages.server : state.packages.worker;
        for (const auto& [name, version] : packages) catalogue[name] = version;
    });
    surroundings_.catalogue = (*state_)->packages;
    ++surroundings_.catalogue_version;
    return Nothing{};
}

}  // namespace csim
