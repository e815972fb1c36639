#include "runtime/lxd_host/lxd_server.hpp"

#include "net/websocket.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

namespace csim {
namespace {

constexpr std::size_t events_unsent_max = 8u << 20;

/// What is served, and nothing else: clients take other ways where a name is missing.
constexpr const char* const extensions[] = {
    "container_last_used_at",
    "etag",
    "patch",
    "directory_manipulation",
    "container_cpu_time",
    "network",
    "profile_usedby",
    "container_exec_recording",
    "certificate_update",
    "container_exec_signal_handling",
    "container_image_properties",
    "storage",
    "file_delete",
    "file_append",
    "image_create_aliases",
    "container_stateless_copy",
    "container_only_migration",
    "entity_description",
    "image_force_refresh",
    "id_map",
    "id_map_base",
    "file_symlinks",
    "container_edit_metadata",
    "resource_limits",
    "resources",
    "kernel_limits",
    "file_get_symlink",
    "network_leases",
    "operation_description",
    "event_lifecycle",
    "network_state",
    "container_full",
    "projects",
    "snapshot_expiry",
    "snapshot_expiry_creation",
    "resources_cpu_socket",
    "kernel_features",
    "id_map_current",
    "event_location",
    "storage_shifted",
    "container_syscall_intercept",
    "container_exec_user_group_cwd",
    "image_types",
    "api_os",
    "container_nic_ipvlan",
    "resources_system",
    "resources_v2",
    "trust_ca_certificates",
    "instances",
    "image_profiles",
    "instance_pool_move",
    "images_all_projects",
    "instance_bulk_state_change",
    "api_filtering",
    "network_type",
    "certificate_project",
    "certificate_self_renewal",
    "instance_all_projects",
    "certificate_token",
    "event_lifecycle_requestor",
    "event_project",
    "instance_get_full",
    "event_lifecycle_name_and_project",
    "instances_state_total",
    "server_supported_storage_drivers",
};

Json features() {
    return {{"idmapped_mounts", "true"},  {"netnsid_getifaddrs", "true"},
            {"seccomp_listener", "true"}, {"seccomp_listener_continue", "true"},
            {"shiftfs", "false"},         {"uevent_injection", "true"},
            {"unpriv_fscaps", "true"}};
}

Json lxc_features() {
    Json all;
    for (const char* each :
         {"cgroup2", "core_scheduling", "devpts_fd", "idmapped_mounts_v2", "mount_injection_file",
          "network_gateway_device_route", "network_ipvlan", "network_l2proxy", "network_phys_macvlan_mtu",
          "network_veth_router", "pidfd", "seccomp_allow_deny_syntax", "seccomp_notify",
          "seccomp_proxy_send_notify_fd"})
        all[each] = "true";
    return all;
}

}  // namespace

LxdServer::LxdServer(
    LxdContext& context, LxdTrust& trust, SelfSigned identity, std::string name, Listen listen
)
    : context_(context),
      trust_(trust),
      identity_(std::move(identity)),
      fingerprint_(sha256_hex(certificate_der(identity_.certificate_pem))),
      name_(std::move(name)),
      listen_(std::move(listen)) {}

void LxdServer::listens_at(const std::string& address) {
    addresses_.push_back(address);
    config_["core.https_address"] = address;
    trust_.set_addresses(addresses_);
}

Json LxdServer::config() const {
    Json shown = Json::object();
    for (const auto& [key, value] : config_) shown[key] = value;
    if (trust_.has_password()) shown["core.trust_password"] = true;
    return shown;
}

Json LxdServer::shown(const LxdCall& call) const {
    Json json{
        {"api_extensions", extensions},
        {"api_status", "stable"},
        {"api_version", "1.0"},
        {"auth", call.trusted ? "trusted" : "untrusted"},
        {"public", false},
        {"auth_methods", Json::array({"tls"})}};
    if (!call.trusted) return json;
    json["config"] = config();
    json["environment"] = {
        {"addresses", addresses_},
        {"architectures", {"x86_64", "i686"}},
        {"certificate", identity_.certificate_pem},
        {"certificate_fingerprint", fingerprint_},
        {"driver", "lxc"},
        {"driver_version", "5.0.2"},
        {"firewall", "xtables"},
        {"kernel", "Linux"},
        {"kernel_architecture", "x86_64"},
        {"kernel_features", features()},
        {"kernel_version", "6.1.0"},
        {"lxc_features", lxc_features()},
        {"os_name", "cluster-sim"},
        {"os_version", "1"},
        {"project", "default"},
        {"server", "lxd"},
        {"server_clustered", false},
        {"server_event_mode", "full-mesh"},
        {"server_name", name_},
        {"server_pid", ::getpid()},
        {"server_version", "5.0.2"},
        {"storage", "dir"},
        {"storage_version", "1"},
        {"storage_supported_drivers", Json::array({{{"Name", "dir"}, {"Version", "1"}, {"Remote", false}}})}};
    return json;
}

LxdReply LxdServer::change(LxdCall& call, bool whole) {
    call.check_match(etag_of(config()));
    auto wanted = texts_in(call.json(), "config");
    const auto password = wanted.find("core.trust_password");
    // A client that puts back what it got says "true" of a password that it does not know.
    if (password != wanted.end() && password->second != "true") trust_.set_password(password->second);
    wanted.erase("core.trust_password");
    const auto address = wanted.find("core.https_address");
    if (address != wanted.end() && !address->second.empty() &&
        address->second != config_["core.https_address"])
        address->second = listen_(address->second);
    if (whole) config_.clear();
    for (const auto& [key, value] : wanted) {
        if (value.empty())
            config_.erase(key);
        else
            config_[key] = value;
    }
    context_.events.lifecycle("config-updated", "/1.0", nullptr, &call.peer);
    return sync_reply(Json::object());
}

LxdReply LxdServer::resources(LxdCall&) const {
    const HostModel& model = context_.host.model();
    std::uint64_t total = 0, used = 0;
    for (const HostUse& each : context_.host.use()) {
        if (each.name != "memory") continue;
        total = static_cast<std::uint64_t>(each.capacity);
        used = static_cast<std::uint64_t>(each.used);
    }
    Json cores = Json::array();
    for (int i = 0; i < model.cpus; ++i) {
        const Json thread{{"id", i}, {"numa_node", 0}, {"thread", 0}, {"online", true}, {"isolated", false}};
        cores.push_back({{"core", i}, {"die", 0}, {"threads", Json::array({thread})}});
    }
    const Json socket{
        {"name", "simulated"},
        {"vendor", "cluster-sim"},
        {"socket", 0},
        {"cache", Json::array()},
        {"cores", cores}};
    const Json node{
        {"numa_node", 0}, {"hugepages_used", 0}, {"hugepages_total", 0}, {"used", used}, {"total", total}};
    return sync_reply(
        {{"cpu", {{"architecture", "x86_64"}, {"sockets", Json::array({socket})}, {"total", model.cpus}}},
         {"memory",
          {{"nodes", Json::array({node})},
           {"hugepages_total", 0},
           {"hugepages_used", 0},
           {"hugepages_size", 2'097'152},
           {"used", used},
           {"total", total}}},
         {"gpu", {{"cards", Json::array()}, {"total", 0}}},
         {"network", {{"cards", Json::array()}, {"total", 0}}},
         {"storage", {{"disks", Json::array()}, {"total", 0}}},
         {"usb", {{"devices", Json::array()}, {"total", 0}}},
         {"pci", {{"devices", Json::array()}, {"total", 0}}},
         {"system",
          {{"uuid", ""},
           {"vendor", "cluster-sim"},
           {"product", "simulated host"},
           {"family", ""},
           {"version", ""},
           {"sku", ""},
           {"serial", ""},
           {"type", "virtual-machine"},
           {"firmware", nullptr},
           {"chassis", nullptr},
           {"motherboard", nullptr}}}}
    );
}

LxdReply LxdServer::listen_to_events(LxdCall& call) {
    if (!asks_for_websocket(call.request)) throw LxdRefusal{400, "This is a websocket"};
    const std::string types = call.asked("type");
    std::uint64_t id = 0;
    auto reader = context_.events.listener(types, id);
    context_.events.attach(id, call.responder.upgrade(call.request, std::move(reader), events_unsent_max));
    return std::nullopt;
}

void LxdServer::add_routes(LxdRoutes& routes) {
    routes.add(
        "GET", "/", [](LxdCall&) { return LxdReply(sync_reply(Json::array({"/1.0"}))); }, true
    );
    routes.add(
        "GET", "/1.0",
        [this](LxdCall& call) -> LxdReply {
            return sync_reply(shown(call), call.trusted ? etag_of(config()) : "");
        },
        true
    );
    routes.add("PUT", "/1.0", [this](LxdCall& call) { return change(call, true); });
    routes.add("PATCH", "/1.0", [this](LxdCall& call) { return change(call, false); });
    routes.add("GET", "/1.0/resources", [this](LxdCall& call) { return resources(call); });
    routes.add("GET", "/1.0/events", [this](LxdCall& call) { return listen_to_events(call); });
}

}  // namespace csim
