// Makes nodes out of itself. What all of them would do alike is done once: the program is loaded and begun,
// its mounts are private and few. A node is a copy of this process in namespaces of its own.
#include "runtime/init/init.hpp"
#include "runtime/init/settings.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace csim::init {
namespace {

char request[maker_request_max];

/// A few mounts are copied for each node and taken down in each; the fewer the better.
void leave_mounts(const Settings& s, int argc, char** argv) {
    if (::unshare(CLONE_NEWNS) != 0) refuse(s, "unshare(mnt)");
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) refuse(s, "mount(private)");
    for (int i = 1; i < argc; ++i)
        if (std::strncmp(argv[i], "drop=", 5) == 0) ::umount2(argv[i] + 5, MNT_DETACH | UMOUNT_NOFOLLOW);
}

/// From now on this process bears the node's mark.
void rename_to(const char* mark, const Title& title) {
    std::memset(title.at, 0, title.size);
    std::strncpy(title.at, mark, title.size - 1);
}

/// As fork(), with namespaces, and as a sister.
pid_t copy_of_this() {
    constexpr unsigned long flags =
        CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_PARENT | SIGCHLD;
    return static_cast<pid_t>(::syscall(SYS_clone, flags, nullptr, nullptr, nullptr, nullptr));
}

/// The arguments of one node behind `at`; `at` is behind them then.
int read_arguments(char*& at, const char* end, char** argv, int room) {
    int argc = 0;
    while (at < end && *at != '\0') {
        if (argc < room) argv[argc++] = at;
        at += std::strlen(at) + 1;
    }
    ++at;
    return argc;
}

}  // namespace

Settings make_nodes(const Settings& s, int argc, char** argv) {
    const Title title{
        argv[0], static_cast<unsigned long>(argv[argc - 1] + std::strlen(argv[argc - 1]) - argv[0] + 1)};
    leave_mounts(s, argc, argv);
    for (;;) {
        const auto size = ::recv(s.maker, request, sizeof request - 1, 0);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) _exit(0);
        request[size] = '\0';
        MakerReply replies[maker_nodes_max];
        unsigned count = 0;
        for (char* at = request; at < request + size && count < maker_nodes_max; ++count) {
            char* arguments[32] = {};
            const int given = read_arguments(at, request + size, arguments, 31);
            const pid_t pid = copy_of_this();
            if (pid == 0) {
                const Settings node = read_settings(given, arguments);
                rename_to(arguments[0], title);
                ::close(s.maker);
                return node;
            }
            replies[count] = {pid, pid < 0 ? errno : 0};
        }
        if (::send(s.maker, replies, count * sizeof(MakerReply), MSG_NOSIGNAL) < 0) _exit(1);
    }
}

}  // namespace csim::init
