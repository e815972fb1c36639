#include "runtime/namespaces/maker.hpp"

#include "runtime/namespaces/stage.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace csim {
namespace {

/// Whether `path` is `folder` or above it.
bool is_above(const std::string& path, const std::string& folder) {
    if (path == "/" || path == folder) return true;
    return folder.size() > path.size() && folder.starts_with(path) && folder[path.size()] == '/';
}

/// Mounts that no folder of `keep` lies on; those below go with them. Arguments have a limit, so a machine
/// with very many keeps some, which costs time and nothing else.
std::vector<std::string> mounts_to_drop(const std::vector<std::string>& keep) {
    constexpr std::size_t dropped_max = 500;
    std::vector<std::string> dropped;
    for (const Mount& mount : mounts()) {
        const auto above = [&mount](const std::string& each) { return is_above(each, mount.path); };
        const auto needed = [&mount](const std::string& each) { return is_above(mount.path, each); };
        if (std::ranges::any_of(keep, needed) || std::ranges::any_of(dropped, above)) continue;
        dropped.push_back(mount.path);
        if (dropped.size() == dropped_max) break;
    }
    return dropped;
}

NodeError gone(const char* call) {
    return {
        NodeError::Kind::internal, NodePhase::start, "maker",
        std::string("the process that makes nodes has ended: ") + call + ": " + std::strerror(errno)};
}

std::string request_of(const std::vector<std::vector<std::string>>& nodes) {
    std::string request;
    for (const auto& arguments : nodes) {
        for (const std::string& each : arguments) request += each + '\0';
        request += '\0';
    }
    return request;
}

}  // namespace

NodeResult<std::unique_ptr<Maker>> Maker::open(
    const std::string& run, int init_fd, int report, const std::vector<std::string>& keep
) {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return spawn_error(errno);
    const int room = 2 * static_cast<int>(maker_request_max);
    ::setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    Spawn what{init_fd, 0, {init_mark + run + ":" + maker_name}, report, pair[1]};
    what.arguments.push_back("report=" + std::to_string(report));
    what.arguments.push_back("maker=" + std::to_string(pair[1]));
    for (const std::string& each : mounts_to_drop(keep)) what.arguments.push_back("drop=" + each);
    // Room for nodes to write their marks into.
    what.arguments.push_back("room=" + std::string(128, '.'));
    auto process = spawn(what);
    ::close(pair[1]);
    if (!process) {
        ::close(pair[0]);
        return process.error();
    }
    return std::unique_ptr<Maker>(new Maker(std::move(*process), pair[0]));
}

Maker::~Maker() {
    ::close(socket_);
    process_.wait(10s);
}

NodeResult<std::vector<NodeResult<NodeProcess>>> Maker::make(
    const std::vector<std::vector<std::string>>& nodes
) {
    const std::string request = request_of(nodes);
    if (request.size() >= maker_request_max || nodes.size() > maker_nodes_max)
        return NodeError{
            NodeError::Kind::internal, NodePhase::start, "maker", "the paths of these nodes are too long"};
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) < 0) return gone("send");
    MakerReply replies[maker_nodes_max];
    ssize_t n = 0;
    while ((n = ::recv(socket_, replies, sizeof replies, 0)) < 0 && errno == EINTR) {
    }
    if (n == 0) errno = ECONNRESET;
    if (n != static_cast<ssize_t>(nodes.size() * sizeof(MakerReply))) return gone("receive");
    std::vector<NodeResult<NodeProcess>> made;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        // Nobody else takes its number: it is our child and only we reap it.
        const int fd =
            replies[i].error != 0 ? -1 : static_cast<int>(::syscall(SYS_pidfd_open, replies[i].pid, 0));
        const int error = replies[i].error != 0 ? replies[i].error : errno;
        if (fd < 0)
            made.push_back(spawn_error(error));
        else
            made.push_back(NodeProcess(replies[i].pid, fd));
    }
    return made;
}

}  // namespace csim
