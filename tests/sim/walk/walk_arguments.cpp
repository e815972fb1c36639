#include "tests/sim/walk/walk_arguments.hpp"

#include "fakes/nids.hpp"

#include <functional>
#include <map>

namespace csim {

std::string WalkArguments::node_of_kind(bool worker) {
    std::vector<const FakeServer*> all;
    for (const FakeServer* each : world_.nodes()) {
        if (each->worker() == worker) all.push_back(each);
    }
    return all.empty() ? "nobody.localdomain" : any(all)->fqdn();
}

std::string WalkArguments::server() {
    return node_of_kind(false);
}

std::string WalkArguments::worker() {
    return node_of_kind(true);
}

std::string WalkArguments::node() {
    if (one_in(50)) return "nobody.localdomain";
    return one_in(6) ? worker() : server();
}

std::string WalkArguments::ha_label() {
    std::vector<std::string> labels;
    for (const FakeCluster* cluster : world_.clusters()) {
        for (const auto& [label, resource] : cluster->state().resources) labels.push_back(label);
    }
    return labels.empty() || one_in(30) ? "no-such-label" : any(labels);
}

std::string WalkArguments::device_path() {
    const auto serials = world_.devices().serials();
    return serials.empty() || one_in(30) ? "/dev/nothing" : csim::device_path(any(serials));
}

std::string WalkArguments::mgs_key() {
    std::vector<std::string> keys;
    for (const std::string& serial : world_.targets().serials()) {
        const TargetState* target = world_.targets().find(serial);
        if (target->label == "MGS") keys.push_back(target->mgsnode);
    }
    return keys.empty() || one_in(30) ? "10.9.9.9@tcp0" : any(keys);
}

Json WalkArguments::mgs_groups() {
    return parse_nid_groups(mgs_key());
}

std::string WalkArguments::fsname() {
    return "fs" + std::to_string(between(0, 3));
}

Json WalkArguments::lnet_configuration(const FakeServer& node) {
    Json list = Json::array();
    std::int64_t network = 0;
    for (const std::string& address : node.addresses()) {
        const Json number = one_in(4) ? Json() : Json(network);
        if (!one_in(4)) list.push_back({address, "tcp", number});
        ++network;
    }
    if (one_in(20)) list.push_back({"1.2.3.4", "tcp", 0});
    return {{"network_interfaces", list}};
}

Json WalkArguments::copytool_settings() {
    return {
        {"id", std::to_string(between(1, 4))},
        {"index", between(0, 1)},
        {"bin_path", "/usr/sbin/lhsmtool_posix"},
        {"archive_number", between(1, 2)},
        {"filesystem", fsname()},
        {"mountpoint", "/mnt/x"},
        {"hsm_arguments", ""}};
}

std::string WalkArguments::conf_param_key() {
    static const char* const tails[] = {
        "-MDT0000.mdt.hsm_control", "-MDT0000.lov.stripesize", "-OST0000.ost.sync_journal",
        ".llite.max_cached_mb"};
    return fsname() + any(tails);
}

std::string WalkArguments::proc_path() {
    static const char* const tails[] = {
        "obdfilter/%-OST0000/sync_journal", "mdt/%-MDT0000/hsm_control", "lov/%-MDT0000-mdtlov/stripesize",
        "llite/*/max_cached_mb"};
    std::string tail = any(tails);
    if (const auto at = tail.find('%'); at != std::string::npos) tail.replace(at, 1, fsname());
    return "/proc/fs/lustre/" + tail;
}

Json WalkArguments::groups() {
    Json groups = Json::array();
    if (one_in(2)) return groups;
    const FakeServer* const member = world_.find(server());
    if (member == nullptr) return groups;
    groups = {Json::array(), Json::array()};
    for (const auto& [name, each] : member->cluster().state().nodes)
        groups[static_cast<std::size_t>(between(0, 1))].push_back(name);
    return groups;
}

Json WalkArguments::by_type(const std::string& type) {
    if (type == "boolean") return one_in(2);
    if (type == "integer" || type == "int") return between(0, 5000);
    if (type == "double") return static_cast<double>(between(0, 10)) / 10;
    if (type.starts_with("list") || type == "array") return Json::array();
    if (type == "struct" || type == "object") return Json::object();
    return type == "any" ? Json() : Json("x");
}

Json WalkArguments::of(const std::string& name, const std::string& type) {
    using Maker = std::function<Json(WalkArguments&)>;
    static const auto choice = [](std::vector<Json> values) -> Maker {
        return [values = std::move(values)](WalkArguments& on) { return on.any(values); };
    };
    static const std::map<std::string, Maker> makers = {
        {"fqdn", [](auto& on) { return on.node(); }},
        {"server", [](auto& on) { return on.worker(); }},
        {"host_fqdn", [](auto& on) { return on.node(); }},
        {"new_node_fqdn", [](auto& on) { return on.node(); }},
        {"nodename", [](auto& on) { return on.server().substr(0, 7); }},
        {"fqdns", [](auto& on) { return Json::array({on.node()}); }},
        {"secret", choice({"secret", "secret", "secret", "wrong"})},
        {"server_secret", choice({"secret"})},
        {"worker_secret", choice({"secret"})},
        {"ha_label", [](auto& on) { return on.ha_label(); }},
        {"address", [](auto& on) { return "client-" + std::to_string(on.between(0, 3)); }},
        {"mgsspec", [](auto& on) { return on.mgs_key(); }},
        {"fsname", [](auto& on) { return on.fsname(); }},
        {"filesystem_name", [](auto& on) { return on.fsname(); }},
        {"filesystem_type", choice({"ext4", "ext2", ""})},
        {"path", [](auto& on) { return on.one_in(2) ? on.device_path() : on.proc_path(); }},
        {"device", [](auto& on) { return on.device_path(); }},
        {"device_path", [](auto& on) { return on.device_path(); }},
        {"mgs_device_path", [](auto& on) { return on.device_path(); }},
        {"mode", choice({"none", "none", "refuse", "drop_responses"})},
        {"name", choice({"pdu000", "pdu001", "pdu009"})},
        {"outlet", [](auto& on) { return on.between(0, 70); }},
        {"action", choice({"on", "on", "off", "reboot"})},
        {"node_type", choice({"server", "worker"})},
        {"rate", [](auto& on) { return on.between(-1, 5); }},
        {"key", [](auto& on) { return on.conf_param_key(); }},
        {"value", choice({"enabled", "disabled", "purge", "shutdown", "16"})},
        {"settings", [](auto& on) { return on.copytool_settings(); }},
        {"id", [](auto& on) { return std::to_string(on.between(1, 4)); }},
        {"groups", [](auto& on) { return on.groups(); }},
        {"failure_detection", [](auto& on) { return static_cast<double>(on.between(-1, 6)); }},
        {"filesystem", [](auto& on) { return on.fsname(); }},
        {"profile", choice({Json{{"name", "p"}}, Json::object()})},
        {"packages", choice({Json::array({"lustre"}), Json::array({"zfs", "nothing"})})},
        {"package", choice({"chroma-agent", "zfs"})},
        {"agents", choice({Json::array({Json{{"agent", "fence_apc"}}}), Json::array()})},
        {"plugin", choice({"linux", "lustre", Json(), "", "nonsense"})},
        {"filesystems",
         [](auto& on) {
             return Json::array({Json::array({on.mgs_key() + ":/" + on.fsname(), "/mnt/x"})});
         }},
        {"target_devices",
         [](auto& on) {
             return Json::array({Json{{"path", on.device_path()}}});
         }},
        {"mcast_port", choice({4000, 4001, 0})},
        {"new_mcast_port", choice({4000, 4001, 70000})},
        {"index", [](auto& on) { return on.between(0, 3); }},
        {"target_types", choice({"mgs", "mdt", "ost", Json::array({"ost"})})},
        {"mgsnode", [](auto& on) { return on.mgs_groups(); }},
        {"controller_id", choice({1, "1", 99})},
        {"nid_count", choice({1, 2, 0})},
    };
    const auto maker = makers.find(name);
    if (maker == makers.end()) return by_type(type);
    if (name == "packages" && type == "struct") return {{"lustre", {0, "2.9.0", "1", "x86_64"}}};
    return maker->second(*this);
}

}  // namespace csim
