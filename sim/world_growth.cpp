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

std::vector<std::string> fqdns_of(const std::vector<FakeServer*>& servers) {
    std::vector<std::string> names;
    for (const FakeServer* server : servers) names.push_back(server->fqdn());
    return names;
}

}  // namespace

Result<Nothing> World::create(const Setup& setup) {
    if (set_up() && !nodes_.empty())
        return Error{Errc::conflict, "there is a simulated cluster in this folder already"};
    if (const auto possible = check(setup); !possible) return possible.error();
    state_->edit([&](SimulatorState& state) { state.cluster_size = setup.cluster_size; });
    for (int i = 0; i < setup.psu_count; ++i) power_.add_strip();
    if (setup.su_size > 0) {
        const int units = setup.server_count / setup.su_size;
        for (int i = 0; i < units; ++i) {
            if (auto unit = add_unit(setup.su_size, setup.volumes() / units, setup.nid_count); !unit)
                return unit.error();
        }
    } else {
        std::vector<FakeServer*> servers;
        for (int i = 0; i < setup.server_count; ++i) {
            auto server = add_server(setup.nid_count);
            if (!server) return server.error();
            servers.push_back(*server);
        }
        const auto serials = devices_.add_volumes(static_cast<std::size_t>(setup.volumes()));
        if (auto presented = devices_.present("all", fqdns_of(servers), serials); !presented)
            return presented.error();
    }
    for (int i = 0; i < setup.worker_count; ++i) {
        if (auto worker = add_worker(setup.nid_count); !worker) return worker.error();
    }
    return Nothing{};
}

Result<FakeServer*> World::add_server(int nid_count) {
    return add_node(false, nid_count);
}

Result<FakeServer*> World::add_worker(int nid_count) {
    return add_node(true, nid_count);
}

Result<FakeServer*> World::add_node(bool worker, int nid_count) {
    if (nid_count < 1 || nid_count > interface_no_max + 1) {
        return Error{
            Errc::bad_argument, "a node has between 1 and " + std::to_string(interface_no_max + 1) +
                                    " NIDs, not " + std::to_string(nid_count)};
    }
    const std::int64_t id = worker ? (*state_)->next_worker_id : (*state_)->next_server_id;
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
    if (nid_count < 1 || nid_count > interface_no_max + 1)
        return Error{Errc::bad_argument, "the NID count is out of range"};
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
    const Place place{server->worker(), (*server)->id};
    by_fqdn_.erase(fqdn);
    nodes_.erase(place);
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
