// How a world comes to be, grows and shrinks.
#include "fakes/node_names.hpp"
#include "sim/world.hpp"
#include "state/document_of.hpp"

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
    if (set_up()) return Error{Errc::conflict, "there is a simulated cluster in this folder already"};
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
    FakeCluster& home = cluster(worker ? worker_cluster : id / (*state_)->cluster_size.value_or(4));
    FakeServer* const added = insert(std::make_unique<FakeServer>(
        context_, surroundings_, home, NewServer{.id = id, .worker = worker, .nid_count = nid_count}
    ));
    if (!worker) power_.add_server(added->fqdn());
    return added;
}

Result<ScalableUnit> World::add_unit(int server_count, int volume_count, int nid_count) {
    if (server_count < 1) return Error{Errc::bad_argument, "a scalable unit has at least one server"};
    if (volume_count < 0)
        return Error{Errc::bad_argument, "a scalable unit cannot have fewer than no volumes"};
    if (nid_count < 1 || nid_count > interface_no_max + 1)
        return Error{Errc::bad_argument, "the NID count is out of range"};
    if ((*state_)->next_server_id + server_count - 1 > node_id_max) {
        return Error{Errc::exhausted, "there are no addresses left for so many servers"};
    }
    ScalableUnit unit;
    for (int i = 0; i < server_count; ++i) unit.fqdns.push_back((*add_server(nid_count))->fqdn());
    unit.serials = devices_.add_volumes(static_cast<std::size_t>(volume_count));
    const std::string group = "su-" + std::to_string((*state_)->next_unit);
    state_->edit([](SimulatorState& state) { ++state.next_unit; });
    if (auto presented = devices_.present(group, unit.fqdns, unit.serials); !presented)
        return presented.error();
    FakeController& controller = controllers_.add();
    for (const std::string& serial : unit.serials) {
        if (auto lun = controller.add_lun(serial, devices_.find_volume(serial)->size); !lun)
            return lun.error();
    }
    unit.controller_id = controller.id();
    return unit;
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
