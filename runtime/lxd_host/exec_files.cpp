// The file API and the logs of instances.
#include "runtime/lxd_host/lxd_exec.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cstdio>

namespace csim {
namespace {

const char* type_text(NodeFile::Type type) {
    return type == NodeFile::Type::directory ? "directory"
           : type == NodeFile::Type::symlink ? "symlink"
                                             : "file";
}

std::string path_in(const LxdCall& call) {
    const std::string path = call.asked("path");
    if (path.empty()) throw LxdRefusal{400, "Missing path argument"};
    if (path.find('\0') != std::string::npos) throw LxdRefusal{400, "A path holds no zero byte"};
    return "/" + path;
}

std::string base_name(const std::string& path) {
    const std::string normal = normal_path(path);
    return normal.substr(normal.rfind('/') + 1);
}

std::string header(const LxdCall& call, const char* name) {
    const std::string* found = find_field(call.request.headers, name);
    return found == nullptr ? "" : *found;
}

std::uint32_t number(const LxdCall& call, const char* name, int base, std::uint32_t otherwise) {
    const std::string text = header(call, name);
    std::uint32_t value = otherwise;
    if (text.empty()) return value;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (wrong != std::errc{} || end != text.data() + text.size())
        throw LxdRefusal{400, std::string(name) + ": '" + text + "' is no number"};
    return value;
}

void add_headers(HttpReply& reply, const NodeFile& file, SimTime modified) {
    char mode[16];
    std::snprintf(mode, sizeof mode, "%04o", file.mode & 07777);
    std::string when = lxd_time(modified).substr(0, 19);
    when[10] = ' ';
    reply.headers.emplace_back("X-Lxd-Uid", std::to_string(file.uid));
    reply.headers.emplace_back("X-Lxd-Gid", std::to_string(file.gid));
    reply.headers.emplace_back("X-Lxd-Mode", mode);
    reply.headers.emplace_back("X-Lxd-Type", type_text(file.type));
    reply.headers.emplace_back("X-Lxd-Modified", when + " +0000 UTC");
}

}  // namespace

LxdReply LxdExec::read_file(LxdCall& call) {
    LxdInstance& instance = instances_.found(call.path[2]);
    const std::string path = path_in(call);
    auto file = instance.own_files().look(path);
    if (!file) throw LxdRefusal{404, "Not Found"};
    HttpReply reply;
    if (call.request.method == "HEAD") {
        reply = {200, {{"Content-Type", "application/json"}}, ""};
    } else if (file->type == NodeFile::Type::directory) {
        reply = sync_reply(Json(file->entries));
    } else {
        reply = content_reply(base_name(path), std::move(file->content));
    }
    add_headers(reply, *file, instance.created);
    return reply;
}

LxdReply LxdExec::write_file(LxdCall& call) {
    LxdInstance& instance = instances_.found(call.path[2]);
    const std::string path = path_in(call), type = header(call, "X-LXD-type"),
                      how = header(call, "X-LXD-write");
    NodeFile file;
    if (type == "directory") {
        file.type = NodeFile::Type::directory;
    } else if (type == "symlink") {
        file.type = NodeFile::Type::symlink;
    } else if (!type.empty() && type != "file") {
        throw LxdRefusal{400, "Bad file type"};
    }
    if (!how.empty() && how != "overwrite" && how != "append")
        throw LxdRefusal{400, "Bad file write mode: " + how};
    const bool folder = file.type == NodeFile::Type::directory;
    file.mode = number(call, "X-LXD-mode", 8, folder ? 0750 : 0644) & 07777;
    file.uid = number(call, "X-LXD-uid", 10, 0);
    file.gid = number(call, "X-LXD-gid", 10, 0);
    if (!folder) file.content = std::move(call.request.body);
    const auto written = instance.own_files().write(path, std::move(file), how == "append");
    if (!written && written.error().kind == NodeError::Kind::not_found) throw LxdRefusal{404, "Not Found"};
    if (!written) throw LxdRefusal{400, written.error().detail};
    return sync_reply(Json::object());
}

LxdReply LxdExec::remove_file(LxdCall& call) {
    LxdInstance& instance = instances_.found(call.path[2]);
    const auto removed = instance.own_files().remove(path_in(call));
    if (!removed && removed.error().kind == NodeError::Kind::not_found) throw LxdRefusal{404, "Not Found"};
    if (!removed) throw LxdRefusal{400, removed.error().detail};
    return sync_reply(Json::object());
}

LxdReply LxdExec::logs(LxdCall& call) {
    const LxdInstance& instance = instances_.found(call.path[2]);
    Json list = Json::array();
    std::vector<std::string> names;
    for (const auto& [name, content] : instance.logs) names.push_back(name);
    if (instance.used != SimTime{}) names.insert(names.end(), {"lxc.conf", "lxc.log"});
    for (const std::string& name : names)
        list.push_back("/1.0/" + call.path[1] + "/" + instance.name + "/logs/" + name);
    return sync_reply(list);
}

LxdReply LxdExec::log(LxdCall& call) {
    LxdInstance& instance = instances_.found(call.path[2]);
    const std::string& name = call.path[4];
    const auto found = instance.logs.find(name);
    if (call.request.method == "DELETE") {
        if (!name.starts_with("exec_")) throw LxdRefusal{400, "Only exec output can be deleted"};
        if (found == instance.logs.end()) throw LxdRefusal{404, "Not Found"};
        instance.logs.erase(found);
        return sync_reply(Json::object());
    }
    if (found != instance.logs.end()) return content_reply(name, found->second);
    if (instance.used == SimTime{} || (name != "lxc.conf" && name != "lxc.log"))
        throw LxdRefusal{404, "Not Found"};
    return content_reply(name, name == "lxc.conf" ? "lxc.uts.name = " + instance.name + "\n" : "");
}

void LxdExec::add_file_routes(LxdRoutes& routes) {
    const std::string files = "/*/files";
    routes.add_instances("GET", files, [this](LxdCall& call) { return read_file(call); });
    routes.add_instances("POST", files, [this](LxdCall& call) { return write_file(call); });
    routes.add_instances("DELETE", files, [this](LxdCall& call) { return remove_file(call); });
    routes.add_instances("GET", "/*/logs", [this](LxdCall& call) { return logs(call); });
    routes.add_instances("GET", "/*/logs/*", [this](LxdCall& call) { return log(call); });
    routes.add_instances("DELETE", "/*/logs/*", [this](LxdCall& call) { return log(call); });
    routes.add_instances("GET", "/*/console", [this](LxdCall& call) -> LxdReply {
        const LxdInstance& instance = instances_.found(call.path[2]);
        return content_reply("console.log", instance.up() ? instance.name + " login: " : "");
    });
}

}  // namespace csim
