#include "runtime/lxd_host/lxd_images.hpp"

#include "runtime/lxd_host/lxd_filter.hpp"
#include "runtime/lxd_host/tar_archive.hpp"

#include <nlohmann/json.hpp>

namespace csim {
namespace {

/// What this host can "download".
constexpr const char* const catalogue[] = {"alpine", "busybox", "debian", "ubuntu"};

bool in_catalogue(const std::string& name) {
    for (const char* each : catalogue)
        if (name == each || name.starts_with(std::string(each) + "/")) return true;
    return false;
}

/// An image's archive: the files below rootfs, and what is said of them.
std::string image_archive(const FileTree& files, const std::string& metadata) {
    FileTree tree;
    for (const auto& [path, file] : files) tree["/rootfs" + (path == "/" ? "" : path)] = file;
    tree["/metadata.yaml"].content = metadata;
    return write_tar(tree);
}

/// The small system that every simulated node knows, as an archive.
Result<LxdImage> built_in_image(const std::string& name) {
    const std::string metadata =
        "architecture: x86_64\ncreation_date: 1428421302\nproperties:\n  architecture: x86_64\n"
        "  description: " +
        name + " (simulated)\n  os: " + name + "\n  release: \"1\"\n";
    return read_image(image_archive(*ordinary_base(), metadata), "");
}

std::string header(const LxdCall& call, const char* name) {
    const std::string* found = find_field(call.request.headers, name);
    return found == nullptr ? "" : *found;
}

}  // namespace

/// What the sender said of an image besides its bytes.
struct LxdImages::Upload {
    std::string filename, fingerprint;
    bool is_public = false;
    std::map<std::string, std::string> properties;
    std::map<std::string, std::string> aliases;  ///< to their descriptions
    ApiPeer by;
};

LxdImages::LxdImages(LxdContext& context) : context_(context) {}

LxdImages::~LxdImages() {
    alive_.reset();
    for (std::thread& each : unpacking_) each.join();
}

void LxdImages::add_built_in(const std::string& name) {
    auto image = built_in_image(name);
    image->filename = name + ".tar";
    image->uploaded = context_.timeline.now();
    aliases_[name] = {image->fingerprint, ""};
    const std::string fingerprint = image->fingerprint;
    images_[fingerprint] = std::move(*image);
}

LxdImage& LxdImages::by_alias(const std::string& name) {
    const auto found = aliases_.find(name);
    if (found == aliases_.end()) throw LxdRefusal{404, "Image alias not found"};
    return by_fingerprint(found->second.target);
}

LxdImage& LxdImages::by_fingerprint(const std::string& beginning) {
    const auto first = images_.lower_bound(beginning);
    if (beginning.empty() || first == images_.end() || !first->first.starts_with(beginning))
        throw LxdRefusal{404, "Image not found"};
    const auto second = std::next(first);
    if (second != images_.end() && second->first.starts_with(beginning))
        throw LxdRefusal{400, "Image fingerprint prefix matches more than one image"};
    return first->second;
}

LxdImage& LxdImages::by_properties(const std::map<std::string, std::string>& wanted) {
    for (auto& [fingerprint, image] : images_) {
        bool all = !wanted.empty();
        for (const auto& [key, value] : wanted) {
            const auto has = image.properties.find(key);
            all = all && has != image.properties.end() && has->second == value;
        }
        if (all) return image;
    }
    throw LxdRefusal{404, "Image not found"};
}

Json LxdImages::shown(const LxdImage& image) const {
    Json aliases = Json::array();
    for (const auto& [name, alias] : aliases_)
        if (alias.target == image.fingerprint)
            aliases.push_back({{"name", name}, {"description", alias.description}});
    const std::size_t size = image.archive->size() + (image.root_archive ? image.root_archive->size() : 0);
    return {
        {"auto_update", image.auto_update},
        {"properties", image.properties},
        {"public", image.is_public},
        {"expires_at", "1970-01-01T00:00:00Z"},
        {"profiles", image.profiles},
        {"aliases", aliases},
        {"architecture", image.architecture},
        {"cached", false},
        {"filename", image.filename},
        {"fingerprint", image.fingerprint},
        {"size", size},
        {"type", "container"},
        {"created_at", lxd_time(image.created)},
        {"last_used_at", image.last_used == SimTime{} ? "0001-01-01T00:00:00Z" : lxd_time(image.last_used)},
        {"uploaded_at", lxd_time(image.uploaded)}};
}

std::string LxdImages::etag(const LxdImage& image) const {
    return etag_of({image.is_public, image.auto_update, image.properties, image.profiles});
}

LxdReply LxdImages::list(LxdCall& call) {
    const LxdFilter filter(call.asked("filter"));
    Json all = Json::array();
    for (const auto& [fingerprint, image] : images_) {
        if (!call.trusted && !image.is_public) continue;
        const Json json = shown(image);
        if (!filter.takes(json)) continue;
        all.push_back(call.recursion() > 0 ? json : Json("/1.0/images/" + fingerprint));
    }
    return sync_reply(all);
}

LxdReply LxdImages::import(LxdCall& call) {
    const std::string type = header(call, "Content-Type");
    if (type.starts_with("application/json") || call.request.body.starts_with("{")) return made_of_json(call);
    if (call.request.body.empty()) throw LxdRefusal{400, "The image is empty"};
    Upload upload{
        header(call, "X-LXD-filename"), header(call, "X-LXD-fingerprint"), false, {}, {}, call.peer};
    const std::string is_public = header(call, "X-LXD-public");
    upload.is_public = is_public == "1" || is_public == "true";
    upload.properties = url_query(header(call, "X-LXD-properties"));
    std::pair<std::string, std::string> parts{std::move(call.request.body), ""};
    if (type.starts_with("multipart/")) {
        auto split = split_parts(type, parts.first);
        if (!split) throw LxdRefusal{400, split.error().detail};
        parts = std::move(*split);
    }
    auto shared = std::make_shared<std::pair<std::string, std::string>>(std::move(parts));
    return unpack(std::move(upload), [shared] { return std::move(*shared); });
}

LxdReply LxdImages::unpack(Upload upload, std::function<std::pair<std::string, std::string>()> parts) {
    LxdOperations::Start start;
    start.description = "Downloading image";
    const std::string id = context_.operations.begin(std::move(start));
    unpacking_.emplace_back([this, id, upload = std::move(upload), parts = std::move(parts),
                             alive = std::weak_ptr(alive_),
                             &inbox = static_cast<Inbox&>(context_.loop)]() mutable {
        auto [first, second] = parts();
        auto image = read_image(std::move(first), std::move(second));
        inbox.post([this, alive, id, upload = std::move(upload), image = std::move(image)]() mutable {
            if (!alive.expired()) arrived(id, std::move(upload), std::move(image));
        });
    });
    return context_.operations.accepted(id);
}

void LxdImages::arrived(const std::string& operation, Upload upload, Result<LxdImage> image) {
    if (!image) return context_.operations.finish(operation, image.error().detail);
    if (!upload.fingerprint.empty() && upload.fingerprint != image->fingerprint)
        return context_.operations.finish(
            operation,
            "fingerprints don't match, got " + image->fingerprint + " expected " + upload.fingerprint
        );
    if (images_.contains(image->fingerprint))
        return context_.operations.finish(operation, "Image with same fingerprint already exists");
    image->filename = upload.filename;
    image->is_public = upload.is_public;
    image->uploaded = context_.timeline.now();
    for (const auto& [key, value] : upload.properties) image->properties[key] = value;
    const std::string fingerprint = image->fingerprint;
    const std::size_t size = image->archive->size() + (image->root_archive ? image->root_archive->size() : 0);
    images_[fingerprint] = std::move(*image);
    for (const auto& [name, description] : upload.aliases) aliases_[name] = {fingerprint, description};
    context_.operations.update(operation, {{"fingerprint", fingerprint}, {"size", std::to_string(size)}});
    const Json kind{{"type", "container"}};
    context_.events.lifecycle("image-created", "/1.0/images/" + fingerprint, kind, &upload.by);
    context_.operations.finish(operation);
}

LxdReply LxdImages::made_of_json(LxdCall& call) {
    const Json body = call.json();
    const auto found = body.find("source");
    if (found == body.end() || !found->is_object()) throw LxdRefusal{400, "Missing source"};
    const std::string type = text_in(*found, "type");
    Upload upload{"", "", flag_in(body, "public"), texts_in(body, "properties"), {}, call.peer};
    if (const auto list = body.find("aliases"); list != body.end() && list->is_array())
        for (const Json& each : *list) upload.aliases[text_in(each, "name")] = text_in(each, "description");
    for (const char* published : {"instance", "container", "snapshot"})
        if (type == published) return publish(call, std::move(upload), text_in(*found, "name"));
    if (type != "image") throw LxdRefusal{400, "Unknown source type '" + type + "'"};
    return fetch(std::move(upload), text_in(*found, "alias", text_in(*found, "fingerprint")));
}

LxdReply LxdImages::publish(LxdCall& call, Upload upload, const std::string& name) {
    if (name.empty()) throw LxdRefusal{400, "No source provided"};
    auto files = std::make_shared<NodeFiles>(files_of_(name));
    const std::string packer = text_in(call.json(), "compression_algorithm");
    if (!packer.empty() && packer != "none" && packer != "gzip")
        throw LxdRefusal{
            400, "The compression algorithm \"" + packer + "\" is not simulated; use none or gzip"};
    // Two instances that hold the same are two images, as they are on a real host.
    std::string metadata =
        "architecture: x86_64\ncreation_date: " + std::to_string(context_.now().unix_ns() / 1'000'000'000) +
        "\nproperties:\n  name: " + name + "\n";
    upload.filename = name.substr(0, name.find('/')) + ".tar";
    return unpack(std::move(upload), [files, metadata] {
        return std::pair{image_archive(files->whole(), metadata), std::string()};
    });
}

LxdReply LxdImages::fetch(Upload upload, const std::string& name) {
    upload.filename = name + ".tar";
    LxdOperations::Start start;
    start.description = "Downloading image";
    const std::string id = context_.operations.begin(std::move(start));
    Result<LxdImage> image =
        in_catalogue(name)
            ? built_in_image(name)
            : Result<LxdImage>(Error{Errc::not_found, "The requested image couldn't be found"});
    context_.timeline.after(
        context_.second / 10,
        [this, id, upload = std::move(upload), image = std::move(image),
         alive = std::weak_ptr(alive_)]() mutable {
            if (!alive.expired()) arrived(id, std::move(upload), std::move(image));
        }
    );
    return context_.operations.accepted(id);
}

}  // namespace csim
