// A simulated node's files and users, as its programs see them.
#include "vcluster/model/world.hpp"

#include <cerrno>
#include <cstdio>
#include <sstream>

namespace csim::model {
namespace {

int errno_of(const NodeError& error) {
    if (error.kind == NodeError::Kind::exists) return EISDIR;
    if (error.kind == NodeError::Kind::busy) return ENOTEMPTY;
    if (error.kind == NodeError::Kind::denied) return ELOOP;
    return ENOENT;
}

std::string zero_separated(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& each : words) all += each + '\0';
    return all;
}

std::string environ_of(const Environment& env) {
    std::string all;
    for (const auto& [name, value] : env) all += name + "=" + value + '\0';
    return all;
}

std::string status_of(const Process& process) {
    const unsigned uid = process.node.find_user(process.user).value_or(User{}).uid;
    const std::string ids = std::to_string(uid) + "\t" + std::to_string(uid);
    return "Name:\t" + process.comm + "\nState:\tS (sleeping)\nPid:\t" + std::to_string(process.pid) +
           "\nPPid:\t" + std::to_string(process.parent) + "\nUid:\t" + ids + "\t" + ids + "\n";
}

/// Listening sockets as the kernel shows them.
std::string tcp_table(const Node& node) {
    std::string table =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
    int line = 0;
    for (const auto& [port, each] : node.ports) {
        char text[160];
        std::snprintf(
            text, sizeof text,
            "%4d: 00000000:%04X 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 %d\n",
            line++, static_cast<unsigned>(port), 10000 + port
        );
        table += text;
    }
    return table;
}

std::string meminfo() {
    return "MemTotal:        4028440 kB\nMemFree:         2872056 kB\nMemAvailable:    3385336 kB\n"
           "Buffers:           61116 kB\nCached:           647680 kB\nSwapTotal:             0 kB\n"
           "SwapFree:              0 kB\n";
}

}  // namespace

std::optional<std::vector<std::string>> Node::proc_folder(const std::string& path) {
    if (path == "/proc") {
        std::vector<std::string> names{"1"};
        for (const auto& [pid, process] : processes) names.push_back(std::to_string(pid));
        for (const char* each : {"loadavg", "meminfo", "net", "stat", "uptime"}) names.emplace_back(each);
        return names;
    }
    return std::nullopt;
}

std::optional<std::string> Node::proc_file(const std::string& path) {
    const Duration up_for = world.timeline().now() - world.options().epoch;
    const std::string seconds = std::to_string(up_for / std::chrono::seconds(1));
    if (path == "/proc/net/tcp" || path == "/proc/1/net/tcp") return tcp_table(*this);
    if (path == "/proc/meminfo") return meminfo();
    if (path == "/proc/loadavg") return "0.01 0.05 0.05 1/" + std::to_string(processes.size() + 1) + " 1\n";
    if (path == "/proc/uptime") return seconds + ".00 " + seconds + ".00\n";
    if (path == "/proc/stat") return "cpu  10 0 10 1000 0 0 0 0 0 0\ncpu0 10 0 10 1000 0 0 0 0 0 0\n";
    int pid = 0, used = 0;
    if (std::sscanf(path.c_str(), "/proc/%d/%n", &pid, &used) != 1 || used == 0) return std::nullopt;
    const std::string what = path.substr(static_cast<std::size_t>(used));
    if (pid == 1) return what == "comm" ? std::optional<std::string>("init\n") : std::nullopt;
    const Process* process = find(pid);
    if (process == nullptr) return std::nullopt;
    if (what == "comm") return process->comm + "\n";
    if (what == "cmdline") return zero_separated(process->arguments);
    if (what == "environ") return environ_of(process->env);
    if (what == "status") return status_of(*process);
    return std::nullopt;
}

Mount* Node::mount_of(const std::string& path, std::string& inner) {
    Mount* found = nullptr;
    for (Mount& each : mounts) {
        const bool inside = path == each.target || path.starts_with(each.target + "/");
        if (inside && (found == nullptr || each.target.size() > found->target.size())) found = &each;
    }
    if (found != nullptr) inner = path == found->target ? "/" : path.substr(found->target.size());
    return found;
}

int Node::read(const std::string& given, NodeFile& file) {
    const std::string path = normal_path(given);
    std::string inner;
    if (Mount* mount = mount_of(path, inner)) {
        auto read = mount->tree->read(inner);
        if (!read) return errno_of(read.error());
        file = std::move(*read);
        return 0;
    }
    if (path == "/proc" || path.starts_with("/proc/")) {
        file = {};
        if (auto names = proc_folder(path)) {
            file.type = NodeFile::Type::directory;
            file.entries = std::move(*names);
            return 0;
        }
        auto text = proc_file(path);
        if (!text) return ENOENT;
        file.content = std::move(*text);
        file.mode = 0444;
        return 0;
    }
    auto read = files.read(path);
    if (!read) return errno_of(read.error());
    file = std::move(*read);
    if (file.type != NodeFile::Type::directory) return 0;
    for (const Mount& each : mounts) {
        const auto slash = each.target.rfind('/');
        if (each.target.substr(0, slash) == (path == "/" ? "" : path))
            file.entries.push_back(each.target.substr(slash + 1));
    }
    return 0;
}

int Node::write(const std::string& given, NodeFile file, bool append) {
    const std::string path = normal_path(given);
    std::string inner;
    changed[path] = world.timeline().now();
    if (Mount* mount = mount_of(path, inner)) {
        if (mount->read_only) return EROFS;
        const auto written = mount->tree->write(inner, std::move(file), append);
        return written ? 0 : errno_of(written.error());
    }
    if (path.starts_with("/proc/")) return EACCES;
    const auto written = files.write(path, std::move(file), append);
    return written ? 0 : errno_of(written.error());
}

int Node::remove(const std::string& given) {
    std::string path = normal_path(given);
    // What is removed is not followed, but the one link on the way that every node has.
    if (path.starts_with("/var/run/")) path.erase(0, 4);
    std::string inner;
    if (Mount* mount = mount_of(path, inner)) {
        if (mount->read_only) return EROFS;
        if (inner == "/") return EBUSY;
        const auto removed = mount->tree->remove(inner);
        return removed ? 0 : errno_of(removed.error());
    }
    if (path == "/proc" || path.starts_with("/proc/")) return EACCES;
    const auto removed = files.remove(path);
    return removed ? 0 : errno_of(removed.error());
}

std::string Node::text_of(const std::string& path) {
    NodeFile file;
    return read(path, file) == 0 && file.type == NodeFile::Type::file ? file.content : "";
}

bool Node::exists(const std::string& path) {
    NodeFile file;
    return read(path, file) == 0;
}

void Node::append(const std::string& path, const std::string& text) {
    NodeFile file, there;
    if (read(path, there) == 0) file.mode = there.mode, file.uid = there.uid, file.gid = there.gid;
    file.content = text;
    write(path, std::move(file), true);
}

std::optional<User> Node::find_user(const std::string& wanted) {
    std::istringstream lines(text_of("/etc/passwd"));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream in(line);
        User user;
        std::string skip, uid, gid;
        std::getline(in, user.name, ':') && std::getline(in, skip, ':') && std::getline(in, uid, ':');
        std::getline(in, gid, ':') && std::getline(in, skip, ':') && std::getline(in, user.home, ':');
        if (user.name != wanted && uid != wanted) continue;
        user.uid = static_cast<unsigned>(std::strtoul(uid.c_str(), nullptr, 10));
        user.gid = static_cast<unsigned>(std::strtoul(gid.c_str(), nullptr, 10));
        return user;
    }
    return std::nullopt;
}

std::string Node::resolve(const std::string& host) {
    if (!host.empty() && host.find_first_not_of("0123456789.") == std::string::npos) return host;
    std::istringstream lines(text_of("/etc/hosts"));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line.substr(0, line.find('#')));
        std::string at, name;
        words >> at;
        while (words >> name)
            if (name == host) return at;
    }
    return "";
}

Process* Node::find(int pid) {
    const auto found = processes.find(pid);
    return found == processes.end() || found->second->ended ? nullptr : found->second.get();
}

}  // namespace csim::model
