#include "runtime/lxd_host/lxd_places.hpp"

#include <nlohmann/json.hpp>

namespace csim {

struct LxdPlaces::Kind {
    int index;
    const char* path;     ///< below /1.0
    const char* missing;  ///< what is said when there is none
    const char* exists;
    const char* event;  ///< the first word of lifecycle actions
};

const LxdPlaces::Kind LxdPlaces::kinds[3] = {
    {0, "profiles", "Profile not found", "The profile already exists", "profile"},
    {1, "networks", "Network not found", "The network already exists", "network"},
    {2, "storage-pools", "Storage pool not found", "The storage pool already exists", "storage-pool"},
};

namespace {

constexpr std::uint64_t disk_total = 270'553'174'016;
constexpr const char* bridge_mac = "00:16:3e:36:5e:0d";

Json urls(const char* path, const std::vector<std::string>& names) {
    Json list = Json::array();
    for (const std::string& name : names) list.push_back(std::string("/1.0/") + path + "/" + name);
    return list;
}

/// What a bridge gets when nothing else is said.
std::map<std::string, std::string> bridge_config() {
    return {
        {"ipv4.address", "10.0.0.1/8"},
        {"ipv4.nat", "true"},
        {"ipv6.address", "fd42:675f:591d:62e2::1/64"},
        {"ipv6.nat", "true"}};
}

void check_place_name(const std::string& name) {
    if (name.empty()) throw LxdRefusal{400, "No name provided"};
    if (name.find('/') != std::string::npos) throw LxdRefusal{400, "Names may not contain slashes"};
    if (name == "." || name == ".." || name.size() > 63) throw LxdRefusal{400, "Invalid name '" + name + "'"};
}

}  // namespace

LxdDevices devices_in(const Json& body, const char* key) {
    LxdDevices devices;
    const auto found = body.find(key);
    if (found == body.end() || found->is_null()) return devices;
    if (!found->is_object()) throw LxdRefusal{400, std::string("json: ") + key + " must be an object"};
    for (const auto& [name, device] : found->items()) devices[name] = texts_in(*found, name.c_str());
    return devices;
}

LxdPlaces::LxdPlaces(LxdContext& context, bool initialised) : context_(context) {
    places_[0]["default"].description = "Default LXD profile";
    if (!initialised) return;
    places_[0]["default"] = {
        {},
        "Default LXD profile",
        {{"eth0", {{"name", "eth0"}, {"network", "lxdbr0"}, {"type", "nic"}}},
         {"root", {{"path", "/"}, {"pool", "default"}, {"type", "disk"}}}},
        ""};
    places_[1]["lxdbr0"] = {bridge_config(), "", {}, "bridge"};
    places_[2]["default"] = {{{"source", "/var/lib/lxd/storage-pools/default"}}, "", {}, "dir"};
}

const LxdPlace* LxdPlaces::profile(const std::string& name) const {
    const auto found = places_[0].find(name);
    return found == places_[0].end() ? nullptr : &found->second;
}

LxdPlace& LxdPlaces::found(const Kind& kind, const std::string& name) {
    const auto at = places_[kind.index].find(name);
    if (at == places_[kind.index].end()) throw LxdRefusal{404, kind.missing};
    return at->second;
}

std::vector<std::string> LxdPlaces::users(const Kind& kind, const std::string& name) const {
    std::vector<std::string> all;
    if (users_)
        for (const std::string& each : users_(kind.path, name)) all.push_back("/1.0/instances/" + each);
    const char* const key = kind.index == 1 ? "network" : "pool";
    for (const auto& [profile, place] : places_[0]) {
        for (const auto& [device, fields] : place.devices) {
            const auto field = fields.find(key);
            if (kind.index == 0 || field == fields.end() || field->second != name) continue;
            all.push_back("/1.0/profiles/" + profile);
            break;
        }
    }
    return all;
}

Json LxdPlaces::shown(const Kind& kind, const std::string& name, const LxdPlace& place) const {
    Json json{
        {"config", place.config},
        {"description", place.description},
        {"name", name},
        {"used_by", users(kind, name)}};
    if (kind.index == 0) {
        json["devices"] = place.devices;
        return json;
    }
    json[kind.index == 1 ? "type" : "driver"] = place.kind;
    if (kind.index == 1) json["managed"] = true;
    json["status"] = "Created";
    json["locations"] = Json::array({"none"});
    return json;
}

std::string LxdPlaces::etag(const Kind& kind, const LxdPlace& place) const {
    if (kind.index == 2) return "";
    return etag_of({{"config", place.config}, {"description", place.description}, {"devices", place.devices}}
    );
}

LxdReply LxdPlaces::create(const Kind& kind, LxdCall& call) {
    const Json body = call.json();
    const std::string name = text_in(body, "name");
    check_place_name(name);
    Places& places = places_[kind.index];
    if (places.contains(name)) throw LxdRefusal{409, kind.exists};
    LxdPlace place{texts_in(body, "config"), text_in(body, "description"), devices_in(body), ""};
    if (kind.index == 1) place.kind = text_in(body, "type", "bridge");
    if (kind.index == 1 && place.kind.empty()) place.kind = "bridge";
    if (kind.index == 1)
        for (const auto& [key, value] : bridge_config()) place.config.emplace(key, value);
    if (kind.index == 2) place.kind = text_in(body, "driver");
    if (kind.index == 2 && place.kind.empty()) throw LxdRefusal{400, "No driver provided"};
    if (kind.index == 2 && place.config["source"].empty())
        place.config["source"] = "/var/lib/lxd/storage-pools/" + name;
    places[name] = std::move(place);
    ++version_;
    const std::string location = std::string("/1.0/") + kind.path + "/" + name;
    context_.events.lifecycle(std::string(kind.event) + "-created", location, nullptr, &call.peer);
    return created_reply(location);
}

LxdReply LxdPlaces::change(const Kind& kind, LxdCall& call, bool whole) {
    LxdPlace& place = found(kind, call.path[2]);
    call.check_match(etag(kind, place));
    const Json body = call.json();
    LxdPlace next = place;
    const auto config = texts_in(body, "config");
    const auto devices = devices_in(body);
    if (whole) next.config.clear(), next.devices.clear();
    for (const auto& [key, value] : config) next.config[key] = value;
    for (const auto& [name, device] : devices) next.devices[name] = device;
    next.description = text_in(body, "description", whole ? "" : next.description);
    place = std::move(next);
    ++version_;
    const std::string location = std::string("/1.0/") + kind.path + "/" + call.path[2];
    context_.events.lifecycle(std::string(kind.event) + "-updated", location, nullptr, &call.peer);
    return sync_reply(Json::object());
}

LxdReply LxdPlaces::remove(const Kind& kind, LxdCall& call) {
    const std::string& name = call.path[2];
    found(kind, name);
    if (kind.index == 0 && name == "default")
        throw LxdRefusal{400, "The 'default' profile cannot be deleted"};
    if (!users(kind, name).empty()) {
        const char* const what[] = {
            "Profile is currently in use", "The network is currently in use",
            "The storage pool is currently in use"};
        throw LxdRefusal{400, what[kind.index]};
    }
    places_[kind.index].erase(name);
    ++version_;
    const std::string location = std::string("/1.0/") + kind.path + "/" + name;
    context_.events.lifecycle(std::string(kind.event) + "-deleted", location, nullptr, &call.peer);
    return sync_reply(Json::object());
}

void LxdPlaces::add_kind(LxdRoutes& routes, const Kind& kind) {
    const std::string all = std::string("/1.0/") + kind.path, one = all + "/*";
    routes.add("GET", all, [this, &kind](LxdCall& call) -> LxdReply {
        Json list = Json::array();
        for (const auto& [name, place] : places_[kind.index]) {
            if (call.recursion() > 0) {
                list.push_back(shown(kind, name, place));
            } else {
                list.push_back(std::string("/1.0/") + kind.path + "/" + name);
            }
        }
        return sync_reply(list);
    });
    routes.add("GET", one, [this, &kind](LxdCall& call) -> LxdReply {
        const LxdPlace& place = found(kind, call.path[2]);
        return sync_reply(shown(kind, call.path[2], place), etag(kind, place));
    });
    routes.add("POST", all, [this, &kind](LxdCall& call) { return create(kind, call); });
    routes.add("PUT", one, [this, &kind](LxdCall& call) { return change(kind, call, true); });
    routes.add("PATCH", one, [this, &kind](LxdCall& call) { return change(kind, call, false); });
    routes.add("DELETE", one, [this, &kind](LxdCall& call) { return remove(kind, call); });
}

LxdReply LxdPlaces::network_state(LxdCall& call) {
    const LxdPlace& network = found(kinds[1], call.path[2]);
    Json addresses = Json::array();
    for (const auto& [key, family] : {std::pair{"ipv4.address", "inet"}, {"ipv6.address", "inet6"}}) {
        const auto at = network.config.find(key);
        if (at == network.config.end() || at->second.find('/') == std::string::npos) continue;
        const auto slash = at->second.find('/');
        addresses.push_back(
            {{"family", family},
             {"address", at->second.substr(0, slash)},
             {"netmask", at->second.substr(slash + 1)},
             {"scope", "global"}}
        );
    }
    const Json counters{
        {"bytes_received", 0}, {"bytes_sent", 0}, {"packets_received", 0}, {"packets_sent", 0}};
    const Json bridge{{"id", "8000.00163e365e0d"}, {"stp", false},
                      {"forward_delay", 1500},     {"vlan_default", 0},
                      {"vlan_filtering", false},   {"upper_devices", Json::array()}};
    return sync_reply(
        {{"addresses", addresses},
         {"counters", counters},
         {"hwaddr", bridge_mac},
         {"mtu", 1500},
         {"state", "up"},
         {"type", "broadcast"},
         {"bond", nullptr},
         {"bridge", bridge},
         {"vlan", nullptr},
         {"ovn", nullptr}}
    );
}

LxdReply LxdPlaces::pool_resources(LxdCall& call) {
    found(kinds[2], call.path[2]);
    const std::uint64_t used = disk_used_ ? disk_used_() : 0;
    return sync_reply(
        {{"space", {{"used", used}, {"total", disk_total}}},
         {"inodes", {{"used", used / 4096 + 1000}, {"total", 16'777'216}}}}
    );
}

LxdReply LxdPlaces::projects(LxdCall& call) {
    if (call.path.size() == 2 && call.recursion() == 0)
        return sync_reply(Json::array({"/1.0/projects/default"}));
    Json used = urls("profiles", {"default"});
    const Json project{
        {"config",
         {{"features.images", "true"},
          {"features.networks", "true"},
          {"features.profiles", "true"},
          {"features.storage.volumes", "true"}}},
        {"description", "Default LXD project"},
        {"name", "default"},
        {"used_by", std::move(used)}};
    return sync_reply(call.path.size() == 2 ? Json::array({project}) : project);
}

void LxdPlaces::add_looks(LxdRoutes& routes) {
    routes.add("GET", "/1.0/networks/*/state", [this](LxdCall& call) { return network_state(call); });
    routes.add("GET", "/1.0/networks/*/leases", [this](LxdCall& call) -> LxdReply {
        found(kinds[1], call.path[2]);
        return sync_reply(Json::array());
    });
    routes.add("GET", "/1.0/storage-pools/*/resources", [this](LxdCall& call) {
        return pool_resources(call);
    });
    routes.add("GET", "/1.0/storage-pools/*/volumes", [this](LxdCall& call) -> LxdReply {
        found(kinds[2], call.path[2]);
        return sync_reply(Json::array());
    });
    routes.add("GET", "/1.0/projects", [this](LxdCall& call) { return projects(call); });
    routes.add("GET", "/1.0/projects/default", [this](LxdCall& call) { return projects(call); });
    routes.add("GET", "/1.0/cluster", [](LxdCall&) -> LxdReply {
        return sync_reply({{"server_name", ""}, {"enabled", false}, {"member_config", Json::array()}});
    });
    routes.add("GET", "/1.0/warnings", [](LxdCall&) -> LxdReply { return sync_reply(Json::array()); });
}

void LxdPlaces::add_routes(LxdRoutes& routes) {
    for (const Kind& kind : kinds) add_kind(routes, kind);
    add_looks(routes);
}

}  // namespace csim
