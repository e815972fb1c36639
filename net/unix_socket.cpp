#include "net/unix_socket.hpp"

#include "core/result.hpp"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace csim {
namespace {

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        throw Fatal(
            "cannot listen on " + path + ": a socket's path has 1 to " +
            std::to_string(sizeof address.sun_path - 1) + " bytes"
        );
    path.copy(address.sun_path, path.size());
    return address;
}

bool somebody_listens(const sockaddr_un& address) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool yes = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return yes;
}

/// Only ever removes a socket.
void make_room(const std::string& path, const sockaddr_un& address) {
    struct stat there {};
    if (::lstat(path.c_str(), &there) != 0) return;
    if (!S_ISSOCK(there.st_mode)) throw Fatal("cannot listen on " + path + ": it exists and is no socket");
    if (somebody_listens(address))
        throw Fatal("cannot listen on " + path + ": another program is using it, choose another path");
    ::unlink(path.c_str());
}

}  // namespace

int listen_on_path(const std::string& path) {
    const sockaddr_un address = address_of(path);
    make_room(path, address);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::chmod(path.c_str(), 0660) == 0 && ::listen(fd, 4096) == 0)
        return fd;
    const int why = errno;
    if (fd >= 0) ::close(fd);
    throw Fatal("cannot listen on " + path + ": " + std::strerror(why));
}

}  // namespace csim
