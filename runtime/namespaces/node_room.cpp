#include "runtime/namespaces/node_room.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace csim {
namespace {

constexpr std::size_t file_max = 256u << 20;

NodeError refused(const std::string& call, const std::string& path) {
    const auto kind = errno == ENOENT || errno == ENOTDIR  ? NodeError::Kind::not_found
                      : errno == EISDIR || errno == EEXIST ? NodeError::Kind::exists
                      : errno == ENOSPC                    ? NodeError::Kind::limit
                                                           : NodeError::Kind::denied;
    return {kind, NodePhase::file, errno == ENOSPC ? "tmpfs" : call, path + ": " + std::strerror(errno)};
}

/// A descriptor that is closed with the object.
struct Fd {
    int number;
    explicit Fd(int fd) : number(fd) {}
    Fd(const Fd&) = delete;
    ~Fd() {
        if (number >= 0) ::close(number);
    }
};

int open_in(int root, const std::string& path, std::uint64_t flags, unsigned mode = 0) {
    open_how how{};
    how.flags = flags | O_CLOEXEC;
    how.mode = mode;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
}

std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

std::string last_of(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

NodeResult<Done> read_content(int fd, const std::string& path, std::string& into) {
    char room[65536];
    for (;;) {
        const auto n = ::read(fd, room, sizeof room);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return refused("read", path);
        if (n == 0) return Done{};
        into.append(room, static_cast<std::size_t>(n));
        if (into.size() > file_max)
            return NodeError{
                NodeError::Kind::limit, NodePhase::file, "memory", path + " is larger than 256 MiB"};
    }
}

std::vector<std::string> entries_of(int fd) {
    std::vector<std::string> names;
    DIR* folder = ::fdopendir(::dup(fd));
    if (folder == nullptr) return names;
    while (const dirent* entry = ::readdir(folder))
        if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
            names.emplace_back(entry->d_name);
    ::closedir(folder);
    std::sort(names.begin(), names.end());
    return names;
}

NodeResult<Done> write_content(int fd, const std::string& path, const NodeFile& file) {
    for (std::size_t at = 0; at < file.content.size();) {
        const auto n = ::write(fd, file.content.data() + at, file.content.size() - at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return refused("write", path);
        at += static_cast<std::size_t>(n);
    }
    if (::fchmod(fd, file.mode) != 0 || ::fchown(fd, file.uid, file.gid) != 0) return refused("chmod", path);
    return Done{};
}

NodeResult<int> private_overlay(const NodeFolders& folders) {
    const auto fails = [](const char* call) {
        return NodeError{NodeError::Kind::denied, NodePhase::file, call, std::strerror(errno)};
    };
    const Fd context(::fsopen("overlay", FSOPEN_CLOEXEC));
    if (context.number < 0) return fails("fsopen(overlay)");
    const std::pair<const char*, const std::string&> options[] = {
        {"lowerdir", folders.lower}, {"upperdir", folders.upper}, {"workdir", folders.work}};
    for (const auto& [key, value] : options)
        if (::fsconfig(context.number, FSCONFIG_SET_STRING, key, value.c_str(), 0) != 0)
            return fails("fsconfig(overlay)");
    if (::fsconfig(context.number, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
        return fails("mount(overlay)");
    const int mounted = ::fsmount(context.number, FSMOUNT_CLOEXEC, 0);
    if (mounted < 0) return fails("fsmount(overlay)");
    return mounted;
}

}  // namespace

NodeFolders folders_of(const std::string& folder, const std::string& base, const std::string& name) {
    const std::string own = folder + "/" + name;
    return {base, own + "/delta0", own + "/work", own + "/root"};
}

NodeResult<int> open_root(const NodeProcess& process, const NodeFolders& folders) {
    if (!process || process.has_ended()) return private_overlay(folders);
    const std::string path = "/proc/" + std::to_string(process.pid()) + "/root";
    const int fd = ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return refused("open", path);
    return fd;
}

NodeResult<NodeFile> read_in(int root, const std::string& path) {
    const Fd fd(open_in(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
    struct stat facts {};
    if (fd.number < 0 || ::fstat(fd.number, &facts) != 0) return refused("open", path);
    NodeFile file;
    file.mode = facts.st_mode & 07777;
    file.uid = facts.st_uid;
    file.gid = facts.st_gid;
    if (S_ISDIR(facts.st_mode)) {
        file.type = NodeFile::Type::directory;
        file.entries = entries_of(fd.number);
        return file;
    }
    if (!S_ISREG(facts.st_mode))
        return NodeError{
            NodeError::Kind::denied, NodePhase::file, "open", path + " is neither a file nor a folder"};
    if (const auto read = read_content(fd.number, path, file.content); !read) return read.error();
    return file;
}

NodeResult<Done> write_in(int root, const std::string& path, const NodeFile& file) {
    if (file.type == NodeFile::Type::file) {
        const Fd fd(open_in(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY, 0600));
        if (fd.number < 0) return refused("open", path);
        return write_content(fd.number, path, file);
    }
    const Fd parent(open_in(root, parent_of(path), O_PATH | O_DIRECTORY));
    if (parent.number < 0) return refused("open", parent_of(path));
    const std::string name = last_of(path);
    if (file.type == NodeFile::Type::symlink) {
        ::unlinkat(parent.number, name.c_str(), 0);
        if (::symlinkat(file.content.c_str(), parent.number, name.c_str()) != 0)
            return refused("symlink", path);
        return Done{};
    }
    if (::mkdirat(parent.number, name.c_str(), file.mode) != 0 && errno != EEXIST)
        return refused("mkdir", path);
    const Fd made(open_in(root, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    if (made.number < 0 || ::fchmod(made.number, file.mode) != 0 ||
        ::fchown(made.number, file.uid, file.gid) != 0)
        return refused("chmod", path);
    return Done{};
}

std::uint64_t disk_bytes_below(const std::string& folder) {
    std::uint64_t bytes = 0;
    struct stat facts {};
    if (::lstat(folder.c_str(), &facts) != 0) return 0;
    const dev_t device = facts.st_dev;
    bytes += static_cast<std::uint64_t>(facts.st_blocks) * 512;
    std::error_code error;
    using Walk = std::filesystem::recursive_directory_iterator;
    for (Walk at(folder, std::filesystem::directory_options::skip_permission_denied, error), end; at != end;
         at.increment(error)) {
        if (error || ::lstat(at->path().c_str(), &facts) != 0) break;
        if (facts.st_dev == device) {
            bytes += static_cast<std::uint64_t>(facts.st_blocks) * 512;
        } else if (S_ISDIR(facts.st_mode)) {
            at.disable_recursion_pending();
        }
    }
    return bytes;
}

}  // namespace csim
