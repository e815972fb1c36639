#include "runtime/namespaces/namespaces_runtime.hpp"
#include "runtime/namespaces/process.hpp"

#include <fstream>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

namespace csim {
namespace {

/// What a node needs, tried in order by a child that leaves nothing behind. The number of the first step that
/// the kernel refuses; 0: none.
int first_refused_step() {
    const int all = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC;
    if (::unshare(all) != 0) return 1;
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 2;
    if (::mount("probe", "/tmp", "tmpfs", 0, "size=1m") != 0) return 2;
    for (const char* each : {"/tmp/l", "/tmp/u", "/tmp/w", "/tmp/r"}) ::mkdir(each, 0755);
    if (::mount("overlay", "/tmp/r", "overlay", 0, "lowerdir=/tmp/l,upperdir=/tmp/u,workdir=/tmp/w") != 0)
        return 3;
    if (::mknod("/tmp/null", S_IFCHR | 0666, makedev(1, 3)) != 0) return 4;
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ::ioctl(fd, SIOCBRADDBR, "csprobe") != 0) return 5;
    return 0;
}

std::string refused_step() {
    static const char* const steps[] = {
        "",
        "new namespaces",
        "mounts in a namespace of its own",
        "an overlay on a tmpfs",
        "device nodes",
        "a bridge (is the module 'bridge' there?)"};
    const pid_t child = ::fork();
    if (child == 0) ::_exit(first_refused_step());
    int status = 0;
    if (child < 0) return "another process";
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) < 6 ? steps[WEXITSTATUS(status)] : "a probe";
}

bool knows_overlay() {
    std::ifstream in("/proc/filesystems");
    for (std::string line; std::getline(in, line);)
        if (line.ends_with("\toverlay")) return true;
    return false;
}

}  // namespace

std::string why_no_namespaces() {
    if (::geteuid() != 0) return "real nodes need root: run this as root, or use the simulated backend";
    if (const auto init = init_program(); !init) return init.error().detail;
    if (!knows_overlay()) return "this kernel has no overlay file system (modprobe overlay may bring it)";
    if (const std::string step = refused_step(); !step.empty())
        return "the kernel refuses this process " + step;
    return "";
}

}  // namespace csim
