#include "runtime/namespaces/namespaces_runtime.hpp"
#include "runtime/namespaces/process.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

namespace csim {
namespace {

/// What a child that asks for the namespaces is told: 0 or errno.
int refused_namespaces() {
    const pid_t child = ::fork();
    if (child == 0) {
        const int all = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC;
        ::_exit(::unshare(all) == 0 ? 0 : errno);
    }
    int status = 0;
    if (child < 0) return errno;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
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
    if (const int error = refused_namespaces(); error != 0)
        return std::string("the kernel refuses new namespaces to this process: ") + std::strerror(error);
    return "";
}

}  // namespace csim
