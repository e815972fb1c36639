// Instances as JSON text. Written by hand, because a host shows a hundred thousand of them at once.
#include "runtime/lxd_host/lxd_filter.hpp"
#include "runtime/lxd_host/lxd_instances.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace csim {
namespace {

void append_member(std::string& into, std::string_view key, std::string_view value) {
    append_json(into, key);
    into += ':';
    append_json(into, value);
}

void append_texts(std::string& into, const LxdInstance::Texts& texts) {
    into += '{';
    for (const auto& [key, value] : texts) {
        if (into.back() != '{') into += ',';
        append_member(into, key, value);
    }
    into += '}';
}

void append_list(std::string& into, const std::vector<std::string>& texts) {
    into += '[';
    for (const std::string& each : texts) {
        if (into.back() != '[') into += ',';
        append_json(into, each);
    }
    into += ']';
}

void append_devices(std::string& into, const LxdDevices& devices) {
    into += '{';
    for (const auto& [name, device] : devices) {
        if (into.back() != '{') into += ',';
        append_json(into, name);
        into += ':';
        append_texts(into, device);
    }
    into += '}';
}

std::string mac_of(std::uint32_t number) {
    char text[24];
    std::snprintf(
        text, sizeof text, "00:16:3e:%02x:%02x:%02x", number >> 16 & 0xff, number >> 8 & 0xff, number & 0xff
    );
    return text;
}

std::string veth_of(std::uint32_t number) {
    char text[16];
    std::snprintf(text, sizeof text, "veth%08x", number * 2654435761u);
    return text;
}

constexpr const char* counters =
    R"("counters":{"bytes_received":602,"bytes_sent":602,"packets_received":3,"packets_sent":7,)"
    R"("errors_received":0,"errors_sent":0,"packets_dropped_outbound":0,"packets_dropped_inbound":0},)";
constexpr const char* loopback_addresses =
    R"("lo":{"addresses":[{"family":"inet","address":"127.0.0.1","netmask":"8","scope":"local"},)"
    R"({"family":"inet6","address":"::1","netmask":"128","scope":"local"}],)";

}  // namespace

NodeFiles& LxdInstance::own_files() {
    if (!files) files = std::make_unique<NodeFiles>(base);
    return *files;
}

const char* status_of(LxdInstance::State state) {
    return state == LxdInstance::State::running  ? "Running"
           : state == LxdInstance::State::frozen ? "Frozen"
                                                 : "Stopped";
}

// The bridge is 10.0.0.1/8; addresses that end in 0 or 255 are left out, and so is its own.
std::string ipv4_of(std::uint32_t number) {
    const std::uint32_t high = number / 253, low = number % 253 + 2;
    return "10." + std::to_string(high / 256 % 256) + "." + std::to_string(high % 256) + "." +
           std::to_string(low);
}

LxdShape LxdInstances::make_shape(const LxdInstance& instance) const {
    LxdShape shape;
    for (const std::string& name : instance.profiles) {
        const LxdPlace* profile = places_.profile(name);
        if (profile == nullptr) continue;
        for (const auto& [device, fields] : profile->devices) shape.devices[device] = fields;
        for (const auto& [key, value] : profile->config) shape.config[key] = value;
    }
    for (const auto& [device, fields] : instance.devices) shape.devices[device] = fields;
    append_devices(shape.devices_text, shape.devices);
    for (const auto& [name, device] : shape.devices)
        if (const auto type = device.find("type"); type != device.end() && type->second == "nic")
            shape.nics.push_back(name);
    return shape;
}

const LxdShape& LxdInstances::shape_of(const LxdInstance& instance) const {
    if (std::exchange(shapes_version_, places_.version()) != places_.version()) shapes_.clear();
    if (!instance.devices.empty()) return own_shape_ = make_shape(instance);
    const auto kept = shapes_.find(instance.profiles);
    return kept != shapes_.end() ? kept->second : shapes_[instance.profiles] = make_shape(instance);
}

// The members of "config", without braces.
void LxdInstances::append_config(std::string& text, const LxdInstance& instance) const {
    if (instance.image_config) text += instance.image_config->text;
    text += R"("volatile.cloud-init.instance-id":")" + instance.uuid;
    text += R"(","volatile.uuid":")" + instance.uuid;
    text += R"(","volatile.idmap.base":"0","volatile.idmap.next":"[]","volatile.last_state.idmap":"[]",)";
    if (instance.used == SimTime{})
        text += R"("volatile.apply_template":"create")";
    else if (instance.up())
        text += R"("volatile.last_state.power":"RUNNING","volatile.idmap.current":"[]")";
    else
        text += R"("volatile.last_state.power":"STOPPED","volatile.idmap.current":"[]")";
    for (const std::string& nic : shape_of(instance).nics) {
        text += ',';
        append_member(text, "volatile." + nic + ".hwaddr", mac_of(instance.number));
        if (!instance.up()) continue;
        text += ',';
        append_member(text, "volatile." + nic + ".host_name", veth_of(instance.number));
    }
    for (const auto& [key, value] : instance.config) {
        text += ',';
        append_member(text, key, value);
    }
}

std::string LxdInstances::etag(const LxdInstance& instance) const {
    if (context_.faults.hit("etag-storm")) return sha256_hex(secret_word());
    std::string config;
    append_config(config, instance);
    return etag_of(
        {{"config", config},
         {"devices", instance.devices},
         {"profiles", instance.profiles},
         {"ephemeral", instance.ephemeral},
         {"description", instance.description}}
    );
}

std::string LxdInstances::state_shown(const LxdInstance& instance) const {
    const bool up = instance.up();
    const std::string usage = std::to_string(up ? 835'584 : 0);
    const auto ran = up ? (context_.timeline.now() - instance.started).count() / 1000 : 0;
    std::string text = R"({"status":")";
    text += status_of(instance.state);
    text += R"(","status_code":)";
    text += instance.state == LxdInstance::State::running ? "103" : up ? "110" : "102";
    text += R"(,"disk":{},"memory":{"usage":)" + usage + R"(,"usage_peak":)" + usage;
    text += R"(,"swap_usage":0,"swap_usage_peak":0},"network":)";
    if (!up) {
        text += "null";
    } else {
        text += '{';
        if (has_network(instance) && instance.silenced.empty()) {
            text += R"("eth0":{"addresses":[{"family":"inet","address":")" + ipv4_of(instance.number);
            text += R"(","netmask":"8","scope":"global"}],)";
            text += counters;
            text +=
                R"("hwaddr":")" + mac_of(instance.number) + R"(","host_name":")" + veth_of(instance.number);
            text += R"(","mtu":1500,"state":"up","type":"broadcast"},)";
        }
        text += loopback_addresses;
        text += counters;
        text += R"("hwaddr":"","host_name":"","mtu":65536,"state":"up","type":"loopback"}})";
    }
    text += R"(,"pid":)" + std::to_string(instance.pid) + R"(,"processes":)" + (up ? "2" : "0");
    return text += R"(,"cpu":{"usage":)" + std::to_string(up ? 14'550'511 + ran : 0) + "}}";
}

std::string LxdInstances::shown(const LxdInstance& instance, int recursion) const {
    std::string text = R"({"architecture":"x86_64","config":{)";
    text.reserve(recursion > 1 ? 2800 : 1800);
    const std::size_t config_begin = text.size();
    append_config(text, instance);
    const std::string config = text.substr(config_begin);
    text += '}';
    text += R"(,"devices":)";
    append_devices(text, instance.devices);
    text += R"(,"ephemeral":)";
    text += instance.ephemeral ? "true" : "false";
    text += R"(,"profiles":)";
    append_list(text, instance.profiles);
    text += R"(,"stateful":false,)";
    append_member(text, "description", instance.description);
    text += R"(,"created_at":")" + lxd_time(instance.created) + R"(","expanded_config":{)";
    const LxdShape& shape = shape_of(instance);
    for (const auto& [key, value] : shape.config) {
        if (instance.config.contains(key)) continue;
        append_member(text, key, value);
        text += ',';
    }
    text += config;
    text += R"(},"expanded_devices":)" + shape.devices_text + ',';
    append_member(text, "name", instance.name);
    text += R"(,"status":")";
    text += status_of(instance.state);
    text += R"(","status_code":)";
    text += instance.state == LxdInstance::State::running ? "103" : instance.up() ? "110" : "102";
    text += R"(,"last_used_at":")" + lxd_time(instance.used);
    text += R"(","location":"none","type":"container","project":"default")";
    if (recursion > 1) {
        text += R"(,"backups":null,"state":)" + state_shown(instance) + R"(,"snapshots":)";
        if (instance.snapshots.empty()) text += "null";
        for (const LxdSnapshot& each : instance.snapshots) {
            text += text.back() == ':' ? '[' : ',';
            text += '{';
            append_member(text, "name", each.name);
            text += R"(,"created_at":")" + lxd_time(each.created);
            text +=
                R"(","expires_at":"0001-01-01T00:00:00Z","stateful":false,"size":-1,"architecture":"x86_64"})";
        }
        if (!instance.snapshots.empty()) text += ']';
    }
    return text += '}';
}

LxdReply LxdInstances::list(LxdCall& call) {
    const std::string key = call.request.target;
    const bool stale = context_.faults.hit("list-stale");
    if (!stale) stale_.clear();
    if (const auto kept = stale_.find(key); kept != stale_.end()) return sync_text_reply(kept->second);
    const LxdFilter filter(call.asked("filter"));
    const std::string prefix = "\"/1.0/" + call.path[1] + "/";
    const bool cheap = filter.asks_only({"name", "status"});
    std::string text = "[";
    text.reserve(instances_.size() * (call.recursion() == 0 ? 40 : call.recursion() == 1 ? 1300 : 2200));
    for (const auto& [name, instance] : instances_) {
        if (instance.busy == "create") continue;
        if (!filter.everything() && cheap &&
            !filter.takes({{"name", name}, {"status", status_of(instance.state)}}))
            continue;
        std::string one = call.recursion() == 0 ? prefix + name + '"' : shown(instance, call.recursion());
        if (!filter.everything() && !cheap && !filter.takes(Json::parse(shown(instance, 1)))) continue;
        if (text.size() > 1) text += ',';
        text += one;
    }
    text += ']';
    if (stale) stale_[key] = text;
    return sync_text_reply(std::move(text));
}

LxdReply LxdInstances::show(LxdCall& call) {
    const LxdInstance& instance = found(call.path[2]);
    HttpReply reply = sync_text_reply(shown(instance, call.recursion() > 0 ? 2 : 1));
    reply.headers.emplace_back("Etag", '"' + etag(instance) + '"');
    return reply;
}

}  // namespace csim
