#include "tests/fakes/small_world.hpp"

#include "core/json_codec.hpp"
#include "fakes/node_names.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace csim {
namespace {

constexpr auto start_of_time = SimTime::from_unix_ns(1'795'000'000'000'000'000);

void find_wrapped(const Json& result, std::string& error) {
    if (result.is_object() && result.contains("error")) error = result["error"].get<std::string>();
}

}  // namespace

SmallWorld::SmallWorld(SmallWorldOptions options)
    : own_store(options.store == nullptr ? memory_store() : nullptr),
      store(options.store == nullptr ? *own_store : *options.store),
      timeline(start_of_time),
      context{documents, timeline, Rng(options.seed), trace},
      storage(context, 0, options.cluster),
      workers(context, -1) {
    listen();
    if (options.store != nullptr) {
        load();
    } else {
        create(options);
    }
    documents.save_all();
}

SmallWorld::~SmallWorld() = default;

std::string SmallWorld::node_of(int id, bool is_worker) {
    return node_fqdn(id, is_worker);
}

void SmallWorld::listen() {
    surroundings.has_power = [this](const FakeServer& of) { return !unpowered.contains(of.fqdn()); };
    surroundings.is_registered = [this](const FakeServer& of) { return !unregistered.contains(of.fqdn()); };
    surroundings.on_up = [this](FakeServer& of) { came_up.push_back(of.fqdn()); };
    surroundings.on_down = [this](FakeServer& of, Departure) { went_down.push_back(of.fqdn()); };
    surroundings.on_deregister = [this](FakeServer& of) { unregistered.insert(of.fqdn()); };
    targets.ask_started_on([this](const std::string& uuid) -> std::string {
        const ResourceState* resource = storage.find_by_uuid(uuid);
        if (resource == nullptr || !resource->started_on) return "";
        return storage.state().nodes.at(*resource->started_on).fqdn;
    });
    targets.ask_nids_of([this](const std::string& fqdn) { return servers.at(fqdn)->nids(); });
}

void SmallWorld::create(const SmallWorldOptions& options) {
    std::vector<std::string> fqdns;
    for (int i = 0; i < options.servers; ++i) {
        add(std::make_unique<FakeServer>(context, surroundings, storage, NewServer{i, false, options.nids}));
        fqdns.push_back(node_of(i, false));
    }
    for (int i = 0; i < options.workers; ++i) {
        add(std::make_unique<FakeServer>(context, surroundings, workers, NewServer{i, true, options.nids}));
    }
    const auto serials = devices.add_volumes(static_cast<std::size_t>(options.volumes));
    REQUIRE(devices.present("all", fqdns, serials).has_value());
    if (options.booted) boot_all();
}

void SmallWorld::load() {
    for (const auto& name : server_documents(store)) {
        auto state = load_server_state(store, name, 4);
        FakeCluster& home = state.worker ? workers : storage;
        add(std::make_unique<FakeServer>(context, surroundings, home, std::move(state)));
    }
    for (const auto& [fqdn, node] : servers) node->resume();
}

void SmallWorld::boot_all() {
    for (const auto& [fqdn, node] : servers) {
        REQUIRE(node->boot(Pacing::at_once).has_value());
        node->start_lnet();
        if (node->worker()) continue;
        REQUIRE(node->start(Service::corosync).has_value());
        REQUIRE(node->start(Service::pacemaker).has_value());
    }
}

void SmallWorld::add(std::unique_ptr<FakeServer> added) {
    const std::string fqdn = added->fqdn();
    reports[fqdn] =
        std::make_unique<ServerReports>(*added, timeline, ReportSources{&devices, &targets, &statistics});
    servers[fqdn] = std::move(added);
}

ActionScope SmallWorld::scope(FakeServer& on) {
    return {on, timeline, trace, &devices, &targets, &statistics, nullptr, reports.at(on.fqdn()).get()};
}

Result<ActionReply> SmallWorld::run(FakeServer& on, const std::string& action, const Json& args) {
    auto of = scope(on);
    auto reply = run_action(of, action, args);
    documents.save_all();
    return reply;
}

Json SmallWorld::ok(FakeServer& on, const std::string& action, const Json& args) {
    const auto reply = run(on, action, args);
    INFO(action << " " << args.dump());
    if (!reply) FAIL_CHECK(reply.error().detail);
    std::string error;
    if (reply) find_wrapped(reply->result, error);
    CHECK(error == "");
    if (!reply || !error.empty()) return Json();
    const bool is_wrapped = find_action(action)->shape == ResultShape::wrapped;
    return is_wrapped ? reply->result["result"] : reply->result;
}

std::string SmallWorld::refusal(FakeServer& on, const std::string& action, const Json& args) {
    const auto reply = run(on, action, args);
    std::string error = reply ? "" : reply.error().detail;
    if (reply) find_wrapped(reply->result, error);
    INFO(action << " " << args.dump());
    CHECK(error != "");
    return error;
}

void SmallWorld::cut_power(FakeServer& of) {
    unpowered.insert(of.fqdn());
    of.power_lost();
}

void SmallWorld::restore_power(FakeServer& of) {
    unpowered.erase(of.fqdn());
    of.power_restored();
}

void SmallWorld::pass(Duration span) {
    timeline.run_until(timeline.now() + span);
}

std::string SmallWorld::path(int volume) const {
    return device_path(devices.serials().at(static_cast<std::size_t>(volume)));
}

void SmallWorld::make_filesystem() {
    const auto nids = server(0).nids();
    const auto make = [&](const char* label, const char* type, int volume) {
        Json format{
            {"device_type", "linux"},
            {"target_name", label},
            {"device", path(volume)},
            {"backfstype", "ldiskfs"},
            {"target_types", Json::array({type})}};
        if (std::string(type) != "mgs") {
            format.update({{"fsname", "testfs"}, {"index", 0}, {"mgsnode", Json::array({nids})}});
        }
        const Json uuid = ok(server(0), "format_target", format)["uuid"];
        ok(server(0), "register_target",
           {{"device_path", path(volume)}, {"mount_point", "/mnt"}, {"backfstype", "ldiskfs"}});
        for (int node = 0; node < 2; ++node) {
            ok(server(node), "configure_target_ha",
               {{"device", path(volume)},
                {"ha_label", label},
                {"uuid", uuid},
                {"primary", node == 0},
                {"mount_point", std::string("/mnt/") + label}});
        }
        ok(server(0), "start_target", {{"ha_label", label}});
    };
    make("MGS", "mgs", 0);
    make("testfs-MDT0000", "mdt", 1);
    make("testfs-OST0000", "ost", 2);
}

std::vector<Violation> SmallWorld::wrong() const {
    Population population{{}, {&storage, &workers}, &devices};
    for (const auto& [fqdn, node] : servers) population.servers.push_back(node.get());
    return violations(population);
}

std::string SmallWorld::everything() {
    documents.save_all();
    std::string text;
    for (const auto& name : store.documents("fake_")) text += name + store.load({name, ""})->dump() + "\n";
    for (const char* section : {"devices", "targets", "mgts", "local_filesystems", "presentations"}) {
        for (const auto& [key, value] : store.load_section("devices.json", section)) {
            text += std::string(section) + "/" + key + value.dump() + "\n";
        }
    }
    return text;
}

}  // namespace csim
