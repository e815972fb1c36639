#include "tests/net/net_fixture.hpp"

#include "net/socket.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace csim {

const ThrowawayAuthority& test_authority() {
    static const ThrowawayAuthority authority;
    return authority;
}

const ThrowawayPair& test_server_pair() {
    static const ThrowawayPair pair = test_authority().server();
    return pair;
}

TlsServerOptions test_tls() {
    return {test_server_pair().key, test_server_pair().certificate, test_authority().certificate_pem()};
}

std::shared_ptr<const TlsIdentity> identity_of(const ThrowawayPair& pair) {
    const auto identity = parse_identity(pair.key, pair.certificate);
    REQUIRE(identity.has_value());
    return *identity;
}

void NetFixture::serve(HttpServerOptions options) {
    server = std::make_unique<HttpServer>(
        inbox, std::move(options),
        [this](HttpRequest request, const Peer& peer, Responder responder) {
            answer(std::move(request), peer, std::move(responder));
        }
    );
}

void NetFixture::serve_tls(HttpServerOptions options) {
    options.tls = test_tls();
    serve(std::move(options));
}

void NetFixture::answer(HttpRequest request, const Peer& peer, Responder responder) {
    peers.push_back(peer);
    requests.push_back(request);
    if (request.target == "/drop") return;
    if (request.target == "/park") {
        parked.push_back(std::move(responder));
    } else if (request.target == "/big") {
        responder.reply({200, {}, std::string(3'000'000, 'b')});
    } else if (request.target == "/redirect") {
        responder.reply({302, {{"Location", "/elsewhere"}}, ""});
    } else {
        responder.reply({200, {{"X-Method", request.method}}, request.target + " " + request.body});
    }
}

HttpsClientOptions NetFixture::client_options() const {
    HttpsClientOptions options;
    options.host = "127.0.0.1";
    options.port = server->port();
    return options;
}

void NetFixture::connect(HttpsClientOptions options) {
    client = std::make_unique<HttpsClient>(inbox, std::move(options));
}

Result<HttpReply> NetFixture::exchange(HttpsClient::LaneId lane, HttpRequest request, Duration timeout) {
    std::optional<Result<HttpReply>> answer_of;
    client->send(lane, std::move(request), timeout, [&](Result<HttpReply> reply) {
        answer_of = std::move(reply);
    });
    REQUIRE(inbox.run_until([&] { return answer_of.has_value(); }));
    return *answer_of;
}

Result<HttpReply> NetFixture::get(HttpsClient::LaneId lane, const std::string& target, Duration timeout) {
    HttpRequest request;
    request.target = target;
    return exchange(lane, std::move(request), timeout);
}

RawClient::RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto addresses = resolve("127.0.0.1", port);
    const timeval limit{30, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    const auto* at = reinterpret_cast<const sockaddr*>(&addresses->front().storage);
    REQUIRE(::connect(fd_, at, addresses->front().length) == 0);
}

RawClient::~RawClient() {
    ::close(fd_);
}

void RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

void RawClient::half_close() {
    ::shutdown(fd_, SHUT_WR);
}

bool RawClient::read_some() {
    char bytes[4096];
    const auto n = ::recv(fd_, bytes, sizeof bytes, 0);
    if (n > 0) got.append(bytes, static_cast<std::size_t>(n));
    return n > 0;
}

std::string RawClient::read_all() {
    while (read_some()) {
    }
    return got;
}

bool RawClient::read_until(std::string_view text) {
    while (got.find(text) == std::string::npos)
        if (!read_some()) return false;
    return true;
}

DeafPort::DeafPort() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto addresses = resolve("127.0.0.1", 0);
    const auto* at = reinterpret_cast<const sockaddr*>(&addresses->front().storage);
    REQUIRE(::bind(fd_, at, addresses->front().length) == 0);
}

DeafPort::~DeafPort() {
    ::close(fd_);
}

std::uint16_t DeafPort::port() const {
    return local_port(fd_);
}

struct ScriptedServer::Impl {
    int listener = listen_on("127.0.0.1", 0);
    std::uint16_t port = local_port(listener);
    std::vector<std::string> answers;
    bool close_between;
    std::thread thread;

    void run() {
        int flags = 0;
        std::size_t next = 0;
        while (next < answers.size()) {
            fd_set ready;
            FD_ZERO(&ready);
            FD_SET(listener, &ready);
            timeval limit{30, 0};
            if (select(listener + 1, &ready, nullptr, nullptr, &limit) <= 0) return;
            const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0) return;
            do {
                char bytes[65536];
                if (::recv(fd, bytes, sizeof bytes, flags) <= 0) break;
                const std::string& answer = answers[next++];
                if (::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
            } while (!close_between && next < answers.size());
            ::close(fd);
        }
    }
};

ScriptedServer::ScriptedServer(std::vector<std::string> answers, bool close_between)
    : impl_(std::make_unique<Impl>()) {
    impl_->answers = std::move(answers);
    impl_->close_between = close_between;
    impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

ScriptedServer::~ScriptedServer() {
    ::shutdown(impl_->listener, SHUT_RDWR);
    impl_->thread.join();
    ::close(impl_->listener);
}

std::uint16_t ScriptedServer::port() const {
    return impl_->port;
}

}  // namespace csim
