// Making, changing and deleting instances.
#include "runtime/lxd_host/lxd_instances.hpp"

#include <nlohmann/json.hpp>

namespace csim {
namespace {

/// In the daemon's words.
void check_instance_name(const std::string& name, bool legacy) {
    const auto no = [](const std::string& why) { throw LxdRefusal{400, "Invalid instance name: " + why}; };
    if (name.empty() || name.size() > 63) no("Name must be 1-63 characters long");
    for (const char c : name)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-')
            no("Name can only contain alphanumeric and hyphen characters");
    if (!legacy && std::isdigit(static_cast<unsigned char>(name.front())))
        no("Name must not start with a number");
    if (name.front() == '-') no("Name must not start with \"-\"");
    if (name.back() == '-') no("Name must not end with \"-\"");
}

/// Without what the host itself sets.
LxdInstance::Texts own_keys(LxdInstance::Texts config) {
    std::erase_if(config, [](const auto& each) {
        return each.first.starts_with("volatile.") || each.first.starts_with("image.");
    });
    return config;
}

}  // namespace

/// An instance that is wanted and not there yet.
struct LxdInstances::Creation {
    LxdInstance instance;
    ApiPeer by;
};

LxdInstances::LxdInstances(LxdContext& context, LxdImages& images, LxdPlaces& places)
    : context_(context), images_(images), places_(places) {
    places_.used_by([this](const std::string& kind, const std::string& name) { return users(kind, name); });
    places_.disk_used([this] { return disk_bytes(); });
}

LxdInstance* LxdInstances::find(const std::string& name) {
    const auto at = instances_.find(name);
    return at == instances_.end() ? nullptr : &at->second;
}

LxdInstance& LxdInstances::found(const std::string& name) {
    LxdInstance* const instance = find(name);
    if (instance == nullptr || instance->busy == "create") throw LxdRefusal{404, "Instance not found"};
    return *instance;
}

std::shared_ptr<const LxdImageConfig> LxdInstances::image_config_of(const LxdImage& image) {
    auto& kept = image_configs_[image.fingerprint];
    if (!kept) {
        auto made = std::make_shared<LxdImageConfig>();
        for (const auto& [key, value] : image.properties) made->texts["image." + key] = value;
        made->texts["volatile.base_image"] = image.fingerprint;
        for (const auto& [key, value] : made->texts) {
            append_json(made->text, key);
            made->text += ':';
            append_json(made->text, value);
            made->text += ',';
        }
        kept = std::move(made);
    }
    return kept;
}

LxdInstance& LxdInstances::insert(std::string name) {
    LxdInstance& made = instances_[name];
    made.name = std::move(name);
    made.number = last_number_++;
    made.uuid = context_.chance.uuid();
    made.created = context_.now();
    return made;
}

std::string LxdInstances::begin_operation(
    const char* description, const std::vector<std::string>& names, bool containers_too
) {
    Json resources;
    for (const std::string& name : names) {
        resources["instances"].push_back("/1.0/instances/" + name);
        if (containers_too) resources["containers"].push_back("/1.0/containers/" + name);
    }
    LxdOperations::Start start;
    start.description = description;
    start.resources = &resources;
    return context_.operations.begin(std::move(start));
}

void LxdInstances::read_source(const Json& source, Creation& creation) {
    const std::string type = text_in(source, "type");
    LxdInstance& made = creation.instance;
    if (type == "none") {
        NodeFile root;
        root.type = NodeFile::Type::directory;
        root.mode = 0755;
        made.base = std::make_shared<FileTree>(FileTree{{"/", root}});
        return;
    }
    if (type == "copy") {
        LxdInstance& from = found(text_in(source, "source"));
        made.base = from.base;
        made.image_config = from.image_config;
        made.files = std::make_unique<NodeFiles>(from.own_files());
        return;
    }
    if (type == "migration") throw LxdRefusal{501, "not implemented"};
    if (type != "image") throw LxdRefusal{400, "Unknown source type '" + type + "'"};
    const std::string alias = text_in(source, "alias"), fingerprint = text_in(source, "fingerprint");
    if (alias.empty() && fingerprint.empty() && !source.contains("properties"))
        throw LxdRefusal{400, "Must specify one of alias, fingerprint or properties for init from image"};
    LxdImage& image = !alias.empty()         ? images_.by_alias(alias)
                      : !fingerprint.empty() ? images_.by_fingerprint(fingerprint)
                                             : images_.by_properties(texts_in(source, "properties"));
    image.last_used = context_.now();
    made.base = image.base;
    made.image_config = image_config_of(image);
}

std::string LxdInstances::profile_named(const Json& given) const {
    if (!given.is_string()) throw LxdRefusal{400, "Profiles are named by text"};
    std::string name = given.get<std::string>();
    if (places_.profile(name) == nullptr)
        throw LxdRefusal{400, "Requested profile \"" + name + "\" doesn't exist"};
    return name;
}

LxdReply LxdInstances::create(LxdCall& call) {
    const Json body = call.json();
    auto creation = std::make_shared<Creation>();
    creation->by = call.peer;
    LxdInstance& wanted = creation->instance;
    wanted.name = text_in(body, "name");
    if (wanted.name.empty()) wanted.name = "sim-" + context_.chance.uuid().substr(0, 8);
    check_instance_name(wanted.name, context_.host.model().legacy_names);
    wanted.description = text_in(body, "description");
    wanted.config = own_keys(texts_in(body, "config"));
    wanted.devices = devices_in(body);
    wanted.ephemeral = flag_in(body, "ephemeral");
    if (const auto list = body.find("profiles"); list != body.end() && list->is_array()) {
        wanted.profiles.clear();
        for (const Json& each : *list) wanted.profiles.push_back(profile_named(each));
    }
    if (text_in(body, "type", "container") == "virtual-machine")
        throw LxdRefusal{400, "Instance type \"virtual-machine\" is not supported on this server"};
    const auto source = body.find("source");
    if (source == body.end() || !source->is_object()) throw LxdRefusal{400, "Unknown source type ''"};
    read_source(*source, *creation);
    std::vector<std::string> names{wanted.name};
    if (text_in(*source, "type") == "copy") names.push_back(text_in(*source, "source"));
    const std::string id = begin_operation("Creating instance", names, true);
    context_.timeline.after(Duration::zero(), [this, id, creation] { make(id, creation); });
    return context_.operations.accepted(id);
}

void LxdInstances::make(const std::string& operation, std::shared_ptr<Creation> creation) {
    const std::string name = creation->instance.name;
    if (instances_.contains(name))
        return context_.operations.finish(
            operation,
            "Failed creating instance record: Add instance info to the database: This \"instances\" entry "
            "already exists"
        );
    if (context_.faults.strikes("disk-full", "create", name))
        return context_.operations.finish(
            operation, "Failed creating instance from image: write " + name + ": no space left on device"
        );
    const auto taken = context_.host.take(NodePhase::create, has_network(creation->instance));
    if (!taken.refused.empty())
        return context_.operations.finish(
            operation, "Failed creating instance from image: there is not enough " + taken.refused + " left"
        );
    LxdInstance& fresh = insert(name);
    const auto number = fresh.number;
    const std::string uuid = fresh.uuid;
    const SimTime created = fresh.created;
    fresh = std::move(creation->instance);
    fresh.number = number, fresh.uuid = uuid, fresh.created = created;
    const Json kind{{"storage-pool", "default"}, {"type", "container"}};
    context_.events.lifecycle("instance-created", "/1.0/instances/" + name, kind, nullptr);
    work(NodePhase::create, fresh, "create", [this, operation, name] {
        instances_.at(name).busy.clear();
        context_.operations.finish(operation);
    });
}

LxdReply LxdInstances::change(LxdCall& call, bool whole) {
    LxdInstance& instance = found(call.path[2]);
    call.check_match(etag(instance));
    const Json body = call.json();
    if (const std::string snapshot = text_in(body, "restore"); !snapshot.empty()) {
        restore(instance, snapshot);
    } else {
        const auto config = own_keys(texts_in(body, "config"));
        const auto devices = devices_in(body);
        if (const auto list = body.find("profiles"); list != body.end() && list->is_array()) {
            std::vector<std::string> profiles;
            for (const Json& each : *list) profiles.push_back(profile_named(each));
            instance.profiles = std::move(profiles);
        }
        if (whole) instance.config.clear(), instance.devices.clear();
        for (const auto& [key, value] : config) instance.config[key] = value;
        for (const auto& [name, device] : devices) instance.devices[name] = device;
        instance.description = text_in(body, "description", whole ? "" : instance.description);
        instance.ephemeral = flag_in(body, "ephemeral", !whole && instance.ephemeral);
    }
    context_.events.lifecycle("instance-updated", "/1.0/instances/" + instance.name, nullptr, &call.peer);
    if (!whole) return sync_reply(Json::object());
    const std::string id = begin_operation("Updating instance", {instance.name}, true);
    context_.timeline.after(Duration::zero(), [this, id] { context_.operations.finish(id); });
    return context_.operations.accepted(id);
}

LxdReply LxdInstances::rename(LxdCall& call) {
    const std::string name = found(call.path[2]).name;
    const Json body = call.json();
    if (flag_in(body, "migration")) throw LxdRefusal{501, "not implemented"};
    const std::string next = text_in(body, "name");
    check_instance_name(next, context_.host.model().legacy_names);
    if (instances_.contains(next)) throw LxdRefusal{409, "Name \"" + next + "\" already in use"};
    const std::string id = begin_operation("Renaming instance", {name}, true);
    context_.timeline.after(Duration::zero(), [this, id, name, next, by = call.peer] {
        const auto at = instances_.find(name);
        if (at == instances_.end()) return context_.operations.finish(id, "Instance not found");
        if (at->second.up())
            return context_.operations.finish(id, "Renaming of running instance not allowed");
        if (instances_.contains(next)) return context_.operations.finish(id, "Name already in use");
        auto node = instances_.extract(at);
        node.key() = node.mapped().name = next;
        instances_.insert(std::move(node));
        const Json old{{"old_name", name}};
        context_.events.lifecycle("instance-renamed", "/1.0/instances/" + next, old, &by);
        context_.operations.finish(id);
    });
    return context_.operations.accepted(id);
}

LxdReply LxdInstances::remove(LxdCall& call) {
    LxdInstance& instance = found(call.path[2]);
    if (instance.up()) throw LxdRefusal{400, "Instance is running"};
    if (!instance.busy.empty())
        throw LxdRefusal{400, "Instance is busy running a \"" + instance.busy + "\" operation"};
    const std::string name = instance.name;
    const std::string id = begin_operation("Deleting instance", {name}, true);
    work(NodePhase::destroy, instance, "delete", [this, id, name, by = call.peer] {
        give_back(instances_.at(name), NodePhase::create);
        instances_.erase(name);
        context_.events.lifecycle("instance-deleted", "/1.0/instances/" + name, nullptr, &by);
        context_.operations.finish(id);
    });
    return context_.operations.accepted(id);
}

void LxdInstances::add_routes(LxdRoutes& routes) {
    routes.add_instances("GET", "", [this](LxdCall& call) { return list(call); });
    routes.add_instances("POST", "", [this](LxdCall& call) { return create(call); });
    routes.add_instances("PUT", "", [this](LxdCall& call) { return act_on_all(call); });
    routes.add_instances("GET", "/*", [this](LxdCall& call) { return show(call); });
    routes.add_instances("PUT", "/*", [this](LxdCall& call) { return change(call, true); });
    routes.add_instances("PATCH", "/*", [this](LxdCall& call) { return change(call, false); });
    routes.add_instances("POST", "/*", [this](LxdCall& call) { return rename(call); });
    routes.add_instances("DELETE", "/*", [this](LxdCall& call) { return remove(call); });
    routes.add_instances("GET", "/*/state", [this](LxdCall& call) {
        return LxdReply(sync_text_reply(state_shown(found(call.path[2]))));
    });
    routes.add_instances("PUT", "/*/state", [this](LxdCall& call) { return act(call); });
    add_snapshot_routes(routes);
}

}  // namespace csim
