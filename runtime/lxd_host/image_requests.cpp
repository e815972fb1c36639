// The requests about single images and about aliases.
#include "runtime/lxd_host/lxd_images.hpp"

#include <nlohmann/json.hpp>

namespace csim {

LxdReply LxdImages::change(LxdCall& call, bool whole) {
    LxdImage& image = by_fingerprint(call.path[2]);
    call.check_match(etag(image));
    const Json body = call.json();
    const auto properties = texts_in(body, "properties");
    const bool is_public = flag_in(body, "public", !whole && image.is_public);
    image.auto_update = flag_in(body, "auto_update", !whole && image.auto_update);
    image.is_public = is_public;
    if (whole) image.properties.clear();
    for (const auto& [key, value] : properties) image.properties[key] = value;
    context_.events.lifecycle("image-updated", "/1.0/images/" + image.fingerprint, nullptr, &call.peer);
    return sync_reply(Json::object());
}

LxdReply LxdImages::remove(LxdCall& call) {
    const std::string fingerprint = by_fingerprint(call.path[2]).fingerprint;
    LxdOperations::Start start;
    start.description = "Deleting image";
    Json resources{{"images", {"/1.0/images/" + fingerprint}}};
    start.resources = &resources;
    const std::string id = context_.operations.begin(std::move(start));
    images_.erase(fingerprint);
    std::erase_if(aliases_, [&](const auto& each) { return each.second.target == fingerprint; });
    context_.events.lifecycle("image-deleted", "/1.0/images/" + fingerprint, nullptr, &call.peer);
    const HttpReply reply = context_.operations.accepted(id);
    context_.operations.finish(id);
    return reply;
}

LxdReply LxdImages::export_one(LxdCall& call) {
    const LxdImage& image = by_fingerprint(call.path[2]);
    if (!call.trusted && !image.is_public) throw LxdRefusal{404, "Image not found"};
    const std::string name = image.filename.empty() ? image.fingerprint : image.filename;
    if (!image.root_archive) return content_reply(name, *image.archive);
    const std::string boundary = "cluster-sim-" + image.fingerprint;
    const auto part = [&](const char* field, const std::string& file, const std::string& content) {
        return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + field + "\"; filename=\"" +
               file + "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + content + "\r\n";
    };
    HttpReply reply{200, {{"Content-Type", "multipart/form-data; boundary=" + boundary}}, ""};
    reply.body = part("metadata", "meta-" + name, *image.archive) +
                 part("rootfs", image.fingerprint + ".root", *image.root_archive) + "--" + boundary +
                 "--\r\n";
    return reply;
}

Json LxdImages::shown(const std::string& name, const Alias& alias) const {
    return {
        {"description", alias.description}, {"target", alias.target}, {"name", name}, {"type", "container"}};
}

LxdImages::Alias& LxdImages::alias(const std::string& name) {
    const auto found = aliases_.find(name);
    if (found == aliases_.end()) throw LxdRefusal{404, "Image alias not found"};
    return found->second;
}

LxdReply LxdImages::create_alias(LxdCall& call) {
    const Json body = call.json();
    const std::string name = text_in(body, "name"), target = text_in(body, "target");
    if (name.empty() || target.empty()) throw LxdRefusal{400, "name and target are required"};
    if (aliases_.contains(name)) throw LxdRefusal{409, "Alias \"" + name + "\" already exists"};
    const std::string fingerprint = by_fingerprint(target).fingerprint;
    aliases_[name] = {fingerprint, text_in(body, "description")};
    const std::string location = "/1.0/images/aliases/" + name;
    const Json context{{"target", fingerprint}};
    context_.events.lifecycle("image-alias-created", location, context, &call.peer);
    return created_reply(location);
}

LxdReply LxdImages::change_alias(LxdCall& call) {
    const std::string name = call.path[3];
    Alias& changed = alias(name);
    const Json body = call.json();
    if (call.request.method == "POST") {
        const std::string next = text_in(body, "name");
        if (next.empty()) throw LxdRefusal{400, "name is required"};
        if (aliases_.contains(next)) throw LxdRefusal{409, "Alias \"" + next + "\" already exists"};
        auto node = aliases_.extract(name);
        node.key() = next;
        aliases_.insert(std::move(node));
        return created_reply("/1.0/images/aliases/" + next);
    }
    const std::string target = text_in(body, "target", changed.target);
    if (target.empty()) throw LxdRefusal{400, "The target field is required"};
    changed.target = by_fingerprint(target).fingerprint;
    changed.description = text_in(body, "description", changed.description);
    return sync_reply(Json::object());
}

void LxdImages::add_alias_routes(LxdRoutes& routes) {
    const std::string all = "/1.0/images/aliases", one = all + "/*";
    routes.add("GET", all, [this](LxdCall& call) -> LxdReply {
        Json list = Json::array();
        for (const auto& [name, each] : aliases_)
            list.push_back(call.recursion() > 0 ? shown(name, each) : Json("/1.0/images/aliases/" + name));
        return sync_reply(list);
    });
    routes.add("POST", all, [this](LxdCall& call) { return create_alias(call); });
    routes.add("GET", one, [this](LxdCall& call) -> LxdReply {
        const Json json = shown(call.path[3], alias(call.path[3]));
        return sync_reply(json, etag_of(json));
    });
    for (const char* method : {"PUT", "PATCH", "POST"})
        routes.add(method, one, [this](LxdCall& call) { return change_alias(call); });
    routes.add("DELETE", one, [this](LxdCall& call) -> LxdReply {
        alias(call.path[3]);
        aliases_.erase(call.path[3]);
        context_.events.lifecycle(
            "image-alias-deleted", "/1.0/images/aliases/" + call.path[3], nullptr, &call.peer
        );
        return sync_reply(Json::object());
    });
}

void LxdImages::add_routes(LxdRoutes& routes) {
    add_alias_routes(routes);
    const std::string one = "/1.0/images/*";
    routes.add(
        "GET", "/1.0/images", [this](LxdCall& call) { return list(call); }, true
    );
    routes.add("POST", "/1.0/images", [this](LxdCall& call) { return import(call); });
    routes.add(
        "GET", one,
        [this](LxdCall& call) -> LxdReply {
            const LxdImage& image = by_fingerprint(call.path[2]);
            if (!call.trusted && !image.is_public) throw LxdRefusal{404, "Image not found"};
            return sync_reply(shown(image), etag(image));
        },
        true
    );
    routes.add("PUT", one, [this](LxdCall& call) { return change(call, true); });
    routes.add("PATCH", one, [this](LxdCall& call) { return change(call, false); });
    routes.add("DELETE", one, [this](LxdCall& call) { return remove(call); });
    routes.add(
        "GET", one + "/export", [this](LxdCall& call) { return export_one(call); }, true
    );
}

}  // namespace csim
