#include "vcluster/namespaces_furniture.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace csim {
namespace {

/// A folder or file of this machine, as a mount that nobody sees yet.
struct Detached {
    int fd = -1;
    bool is_folder = true;
    std::string target;
    bool read_only = false;
    std::string options = {};
};

struct Fresh {
    const char* type;
    const char* target;
    unsigned long flags;
    const char* data;
};
constexpr Fresh fresh[] = {
    {"tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=755"},
    {"tmpfs", "/tmp", MS_NOSUID | MS_NODEV, "mode=1777"},
    {"tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777"},
    {"devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620"},
    {"sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, nullptr}};

/// What the child tells: where it stopped, and why.
struct Report {
    char where[200];
    int error;
};

void make_target(const std::string& path, bool is_folder) {
    for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
        ::mkdir(path.substr(0, slash).c_str(), 0755);
    if (is_folder) {
        ::mkdir(path.c_str(), 0755);
    } else {
        const int made = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
        if (made >= 0) ::close(made);
    }
}

int attach(const Detached& each) {
    make_target(each.target, each.is_folder);
    // A file system in memory is not of this machine, but made in the node.
    if (each.fd < 0) {
        const char* const options = each.options.empty() ? nullptr : each.options.c_str();
        return ::mount("tmpfs", each.target.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options) == 0 ? 0 : errno;
    }
    if (::syscall(SYS_move_mount, each.fd, "", AT_FDCWD, each.target.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0)
        return errno;
    const unsigned long flags = MS_REMOUNT | MS_BIND | MS_NOSUID | (each.read_only ? MS_RDONLY : 0);
    return ::mount(nullptr, each.target.c_str(), nullptr, flags, nullptr) == 0 ? 0 : errno;
}

/// In the child: the first step that fails, or none.
Report furnish(int node, const std::vector<Detached>& mounts) {
    Report report{};
    const auto failed = [&report](const std::string& where, int error) {
        std::strncpy(report.where, where.c_str(), sizeof report.where - 1);
        report.error = error;
        return report;
    };
    if (::setns(node, CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWPID) != 0)
        return failed("setns", errno);
    for (const Fresh& each : fresh) {
        ::mkdir(each.target, 0755);
        if (::mount(each.type, each.target, each.type, each.flags, each.data) != 0)
            return failed(std::string("mount ") + each.target, errno);
    }
    ::unlink("/dev/ptmx");
    if (::symlink("pts/ptmx", "/dev/ptmx") != 0) return failed("symlink /dev/ptmx", errno);
    ::mkdir("/run/lock", 01777);
    for (const Detached& each : mounts)
        if (const int error = attach(each); error != 0) return failed("mount " + each.target, error);
    return report;
}

}  // namespace

Result<Nothing> furnish_namespace(pid_t pid, const std::vector<MountSpec>& mounts) {
    std::vector<Detached> detached;
    const auto close_all = [&detached] {
        for (const Detached& each : detached)
            if (each.fd >= 0) ::close(each.fd);
    };
    for (const MountSpec& each : mounts) {
        if (!each.source.starts_with("/")) {
            const auto colon = each.source.find(':');
            detached.push_back(
                {-1, true, each.target, false,
                 colon == std::string::npos ? "" : each.source.substr(colon + 1)}
            );
            continue;
        }
        struct stat facts {};
        ::stat(each.source.c_str(), &facts);
        const auto fd = static_cast<int>(::syscall(
            SYS_open_tree, AT_FDCWD, each.source.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE
        ));
        if (fd < 0) {
            const std::string why = std::strerror(errno);
            close_all();
            return Error{Errc::io, "cannot mount " + each.source + ": " + why};
        }
        detached.push_back({fd, S_ISDIR(facts.st_mode), each.target, each.read_only, ""});
    }
    const auto node = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    int pipe[2] = {-1, -1};
    if (node < 0 || ::pipe2(pipe, O_CLOEXEC) != 0) {
        close_all();
        return Error{Errc::io, std::string("the node is gone: ") + std::strerror(errno)};
    }
    const pid_t child = ::fork();
    if (child == 0) {
        const Report report = furnish(node, detached);
        [[maybe_unused]] const auto n = ::write(pipe[1], &report, sizeof report);
        ::_exit(0);
    }
    ::close(pipe[1]);
    Report report{};
    const bool told = child > 0 && ::read(pipe[0], &report, sizeof report) == sizeof report;
    if (child > 0) ::waitpid(child, nullptr, 0);
    ::close(pipe[0]);
    ::close(node);
    close_all();
    if (!told) return Error{Errc::io, "the node cannot be furnished: its helper ended"};
    if (report.error != 0)
        return Error{Errc::io, std::string(report.where) + ": " + std::strerror(report.error)};
    return Nothing{};
}

}  // namespace csim
