#include "net/engine_http.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <netdb.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace csim {
namespace {

constexpr std::size_t head_max = 64 << 10, body_max = 256u << 20;

Error unreachable(const std::string& what) {
    return {Errc::unreachable, what};
}

/// A connection with an end to patience.
class Wire {
  public:
    Wire(int fd, const CallLimit& limit)
        : fd_(fd), limit_(limit), end_(std::chrono::steady_clock::now() + limit.limit) {}
    ~Wire() { ::close(fd_); }
    Wire(const Wire&) = delete;

    Result<Nothing> send(std::string_view bytes) {
        while (!bytes.empty()) {
            if (const auto ready = wait(POLLOUT); !ready) return ready;
            const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n < 0 && errno != EAGAIN && errno != EINTR)
                return unreachable(std::string("the engine hung up: ") + std::strerror(errno));
            if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return Nothing{};
    }
    void end_of_input() { ::shutdown(fd_, SHUT_WR); }

    /// More bytes into `held`; false at the end of the stream.
    Result<bool> more() {
        if (const auto ready = wait(POLLIN); !ready) return ready.error();
        char room[65536];
        const auto n = ::recv(fd_, room, sizeof room, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return true;
        if (n < 0) return unreachable(std::string("the engine hung up: ") + std::strerror(errno));
        held.append(room, static_cast<std::size_t>(n));
        return n > 0;
    }
    std::string held;

  private:
    Result<Nothing> wait(short events) {
        for (;;) {
            pollfd each{fd_, events, 0};
            if (::poll(&each, 1, 50) > 0) return Nothing{};
            if (limit_.cancelled != nullptr && *limit_.cancelled) return unreachable("cancelled");
            if (limit_.limit > Duration::zero() && std::chrono::steady_clock::now() > end_)
                return unreachable("the engine did not answer in time");
        }
    }
    int fd_;
    CallLimit limit_;
    std::chrono::steady_clock::time_point end_;
};

std::string head_of(const HttpRequest& request) {
    std::string head = request.method + " " + request.target + " HTTP/1.1\r\nHost: engine\r\n";
    for (const auto& [name, value] : request.headers) head += name + ": " + value + "\r\n";
    if (find_field(request.headers, "Connection") == nullptr) head += "Connection: close\r\n";
    if (!request.body.empty() || request.method == "POST")
        head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    return head + "\r\n";
}

Result<HttpReply> read_head(Wire& wire) {
    std::size_t end = 0;
    while ((end = wire.held.find("\r\n\r\n")) == std::string::npos) {
        if (wire.held.size() > head_max)
            return Error{Errc::corrupt, "the engine's answer has no end of its head"};
        const auto more = wire.more();
        if (!more) return more.error();
        if (!*more) return unreachable("the engine hung up without an answer");
    }
    HttpReply reply;
    const std::string head = wire.held.substr(0, end + 2);
    wire.held.erase(0, end + 4);
    if (!head.starts_with("HTTP/1.") || head.size() < 12)
        return Error{Errc::corrupt, "the engine does not speak HTTP"};
    std::from_chars(head.data() + 9, head.data() + 12, reply.status);
    for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
        const auto stop = head.find("\r\n", at), colon = head.find(':', at);
        if (colon < stop) {
            const auto first = head.find_first_not_of(' ', colon + 1);
            reply.headers.emplace_back(
                head.substr(at, colon - at), first >= stop ? "" : head.substr(first, stop - first)
            );
        }
        at = stop + 2;
    }
    return reply;
}

/// Bytes until `count` are held.
Result<Nothing> fill(Wire& wire, std::size_t count) {
    if (count > body_max) return Error{Errc::exhausted, "the engine's answer is larger than 256 MiB"};
    while (wire.held.size() < count) {
        const auto more = wire.more();
        if (!more) return more.error();
        if (!*more) return Error{Errc::corrupt, "the engine's answer was cut short"};
    }
    return Nothing{};
}

Result<Nothing> read_chunks(Wire& wire, std::string& body) {
    for (;;) {
        std::size_t line = 0;
        while ((line = wire.held.find("\r\n")) == std::string::npos)
            if (const auto filled = fill(wire, wire.held.size() + 1); !filled) return filled;
        std::size_t size = 0;
        const auto [end, wrong] = std::from_chars(wire.held.data(), wire.held.data() + line, size, 16);
        if (wrong != std::errc{})
            return Error{Errc::corrupt, "the engine's answer has a chunk without a size"};
        wire.held.erase(0, line + 2);
        if (size == 0) return Nothing{};
        if (const auto filled = fill(wire, size + 2); !filled) return filled;
        if (body.size() + size > body_max)
            return Error{Errc::exhausted, "the engine's answer is larger than 256 MiB"};
        body.append(wire.held, 0, size);
        wire.held.erase(0, size + 2);
    }
}

Result<Nothing> read_body(Wire& wire, HttpReply& reply) {
    if (reply.status == 204 || reply.status == 304) return Nothing{};
    const std::string* coding = find_field(reply.headers, "Transfer-Encoding");
    if (coding != nullptr && equal_ignoring_case(*coding, "chunked")) return read_chunks(wire, reply.body);
    if (const std::string* length = find_field(reply.headers, "Content-Length")) {
        std::size_t size = 0;
        std::from_chars(length->data(), length->data() + length->size(), size);
        if (const auto filled = fill(wire, size); !filled) return filled;
        reply.body = wire.held.substr(0, size);
        return Nothing{};
    }
    for (;;) {
        const auto more = wire.more();
        if (!more) return more.error();
        if (!*more) break;
        if (wire.held.size() > body_max)
            return Error{Errc::exhausted, "the engine's answer is larger than 256 MiB"};
    }
    reply.body = std::move(wire.held);
    return Nothing{};
}

}  // namespace

Result<EngineHttp> EngineHttp::at(const std::string& address) {
    EngineHttp engine;
    engine.address_ = address;
    if (address.starts_with("unix://")) {
        engine.path_ = address.substr(7);
        if (engine.path_.starts_with("/") && engine.path_.size() < sizeof(sockaddr_un::sun_path))
            return engine;
    } else if (address.starts_with("tcp://")) {
        const auto colon = address.rfind(':');
        engine.host_ = address.substr(6, colon - 6);
        engine.port_ = address.substr(colon + 1);
        const bool number =
            !engine.port_.empty() && engine.port_.find_first_not_of("0123456789") == std::string::npos;
        if (colon > 6 && number && !engine.host_.empty()) return engine;
    }
    return Error{Errc::bad_argument, "'" + address + "' is neither unix:///PATH nor tcp://HOST:PORT"};
}

Result<int> EngineHttp::connect() const {
    const auto refused = [this] {
        return unreachable("no engine answers at " + address_ + ": " + std::strerror(errno));
    };
    if (!path_.empty()) {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        std::copy(path_.begin(), path_.end(), at.sun_path);
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && ::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0) return fd;
        const Error error = refused();
        if (fd >= 0) ::close(fd);
        return error;
    }
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (const int wrong = ::getaddrinfo(host_.c_str(), port_.c_str(), &hints, &found); wrong != 0)
        return unreachable("cannot find " + host_ + ": " + ::gai_strerror(wrong));
    int fd = -1;
    for (const addrinfo* each = found; each != nullptr && fd < 0; each = each->ai_next) {
        fd = ::socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && ::connect(fd, each->ai_addr, each->ai_addrlen) != 0) ::close(std::exchange(fd, -1));
    }
    ::freeaddrinfo(found);
    if (fd < 0) return refused();
    return fd;
}

Result<HttpReply> EngineHttp::request(const HttpRequest& request, const CallLimit& limit) const {
    const auto fd = connect();
    if (!fd) return fd.error();
    Wire wire(*fd, limit);
    if (const auto sent = wire.send(head_of(request) + request.body); !sent) return sent.error();
    auto reply = read_head(wire);
    if (!reply) return reply;
    if (const auto body = read_body(wire, *reply); !body) return body.error();
    return reply;
}

Result<HttpReply> EngineHttp::stream(
    const HttpRequest& given, const std::string& input, const std::function<void(std::string_view)>& heard,
    const CallLimit& limit
) const {
    const auto fd = connect();
    if (!fd) return fd.error();
    Wire wire(*fd, limit);
    HttpRequest request = given;
    request.headers.emplace_back("Connection", "Upgrade");
    request.headers.emplace_back("Upgrade", "tcp");
    if (const auto sent = wire.send(head_of(request) + request.body); !sent) return sent.error();
    auto reply = read_head(wire);
    if (!reply) return reply;
    if (reply->status != 101 && reply->status != 200) {
        if (const auto body = read_body(wire, *reply); !body) return body.error();
        return reply;
    }
    // What is sent may not be read before something is said, so both go on in turns.
    std::string_view rest = input;
    for (bool open = true; open;) {
        if (!wire.held.empty()) heard(std::exchange(wire.held, {}));
        if (!rest.empty()) {
            const auto part = rest.substr(0, 16 << 10);
            if (const auto sent = wire.send(part); !sent) return sent.error();
            rest.remove_prefix(part.size());
            pollfd arrived{*fd, POLLIN, 0};
            if (!rest.empty() && ::poll(&arrived, 1, 0) <= 0) continue;
        }
        if (rest.empty() && input.data() != nullptr) wire.end_of_input();
        const auto more = wire.more();
        if (!more) return more.error();
        open = *more;
    }
    if (!wire.held.empty()) heard(wire.held);
    return reply;
}

}  // namespace csim
