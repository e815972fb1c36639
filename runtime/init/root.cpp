// A node's root: its overlay, the few file systems that programs expect, and the switch into it.
#include "runtime/init/settings.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace csim::init {
namespace {

char path_room[512];

const char* in_root(const Settings& settings, const char* path) {
    std::snprintf(path_room, sizeof path_room, "%s%s", settings.root, path);
    return path_room;
}

void mount_in(const Settings& s, const char* type, const char* path, unsigned long flags, const char* data) {
    const char* at = in_root(s, path);
    if (::mkdir(at, 0755) != 0 && errno != EEXIST) refuse(s, "mkdir");
    if (::mount(type, at, type, flags, data) != 0) refuse(s, type[0] == 'p' ? "mount(proc)" : "mount(dev)");
}

void make_devices(const Settings& s) {
    const struct {
        const char* path;
        unsigned minor_number;
        unsigned major_number;
    } devices[] = {{"/dev/null", 3, 1},   {"/dev/zero", 5, 1},    {"/dev/full", 7, 1},
                   {"/dev/random", 8, 1}, {"/dev/urandom", 9, 1}, {"/dev/tty", 0, 5}};
    const mode_t before = ::umask(0);
    for (const auto& each : devices)
        if (::mknod(in_root(s, each.path), S_IFCHR | 0666, makedev(each.major_number, each.minor_number)) !=
            0)
            refuse(s, "mknod");
    ::umask(before);
    [[maybe_unused]] int linked = ::symlink("/proc/self/fd", in_root(s, "/dev/fd"));
    linked = ::symlink("/proc/self/fd/0", in_root(s, "/dev/stdin"));
    linked = ::symlink("/proc/self/fd/1", in_root(s, "/dev/stdout"));
    linked = ::symlink("/proc/self/fd/2", in_root(s, "/dev/stderr"));
}

}  // namespace

void set_up_root(const Settings& s) {
    char data[1536];
    const int length = std::snprintf(
        data, sizeof data, "lowerdir=%s,upperdir=%s,workdir=%s,index=off,metacopy=off,xino=off", s.lower,
        s.upper, s.work
    );
    errno = ENAMETOOLONG;
    if (length < 0 || length >= static_cast<int>(sizeof data)) refuse(s, "mount(overlay)");
    if (::mount("overlay", s.root, "overlay", 0, data) != 0) refuse(s, "mount(overlay)");
    mount_in(s, "proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
    mount_in(s, "tmpfs", "/dev", MS_NOSUID | MS_NOEXEC, "size=64k,mode=755");
    make_devices(s);
    if (::sethostname(s.name, std::strlen(s.name)) != 0) refuse(s, "sethostname");
}

void enter_root(const Settings& s) {
    if (::chdir(s.root) != 0) refuse(s, "chdir");
    if (::syscall(SYS_pivot_root, ".", ".") != 0) refuse(s, "pivot_root");
    if (::umount2(".", MNT_DETACH) != 0) refuse(s, "umount(old root)");
    if (::chdir("/") != 0) refuse(s, "chdir");
}

}  // namespace csim::init
