#include "tests/lxd/host_bench.hpp"

#include "net/http_reader.hpp"
#include "net/http_text.hpp"

#include <doctest/doctest.h>

#include <future>
#include <regex>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace csim {
namespace {

constexpr double speed = 100;

void send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

std::string read_some(int fd) {
    std::string bytes(64u << 10, '\0');
    const auto n = ::recv(fd, bytes.data(), bytes.size(), 0);
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
}

/// The answer and what came behind it; status 0 if it did not come whole.
std::pair<HttpReply, std::string> read_reply(int fd, bool to_head) {
    ReplyReader reader(1u << 30, to_head);
    std::string rest;
    for (;;) {
        const std::string bytes = read_some(fd);
        if (bytes.empty()) return {reader.feed_end() ? reader.take() : HttpReply{0, {}, ""}, ""};
        rest += bytes;
        const ReadStep step = reader.feed(rest);
        rest.erase(0, step.consumed);
        if (step.status == ReadStatus::bad) return {HttpReply{0, {}, step.what}, ""};
        if (step.status == ReadStatus::complete) return {reader.take(), rest};
    }
}

std::string body_text(const Json& body) {
    return body.is_null() ? "" : body.dump();
}

}  // namespace

SocketClient::~SocketClient() {
    ::close(fd_);
}

void SocketClient::send(WsKind kind, const std::string& payload) {
    send_all(fd_, ws_frame(kind, payload, 0x12345678));
}

WsMessage SocketClient::next() {
    for (;;) {
        while (!ready_.empty()) {
            const WsMessage message = ready_.front();
            ready_.erase(ready_.begin());
            if (message.kind != WsKind::ping) return message;
            send(WsKind::pong, message.payload);
        }
        std::string bytes = unread_.empty() ? read_some(fd_) : std::exchange(unread_, {});
        if (bytes.empty() || reader_.feed(bytes, ready_) != 0) return {WsKind::close, ""};
    }
}

HostBench::HostBench(LxdHostOptions options)
    : timeline_(wall_now()), loop_(timeline_, Pace::realtime(speed)) {
    if (options.model.name.empty()) options.model = *host_model("lxd-5");
    options.socket = path;
    options.speed = speed;
    host_ = std::make_unique<LxdHost>(loop_, timeline_, std::move(options));
    thread_ = std::thread([this] {
        loop_.run();
        host_.reset();
    });
}

HostBench::~HostBench() {
    loop_.stop();
    thread_.join();
}

int HostBench::connect() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const timeval minute{60, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof minute);
    return fd;
}

HttpReply HostBench::ask(
    const std::string& method, const std::string& target, std::string body, HttpFields headers
) {
    const int fd = connect();
    send_all(fd, request_text({method, target, std::move(headers), std::move(body)}, "lxd"));
    HttpReply reply = read_reply(fd, method == "HEAD").first;
    ::close(fd);
    return reply;
}

Json HostBench::json(const std::string& method, const std::string& target, const Json& body) {
    return Json::parse(ask(method, target, body_text(body)).body, nullptr, false);
}

Json HostBench::done(const std::string& method, const std::string& target, const Json& body) {
    const Json begun = json(method, target, body);
    REQUIRE_MESSAGE(begun.value("type", "") == "async", begun.dump());
    return json("GET", begun["operation"].get<std::string>() + "/wait")["metadata"];
}

std::unique_ptr<SocketClient> HostBench::socket(const std::string& target) {
    const int fd = connect();
    auto client = std::make_unique<SocketClient>(fd);
    const HttpFields fields{
        {"Upgrade", "websocket"},
        {"Sec-WebSocket-Version", "13"},
        {"Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="}};
    std::string text = request_text({"GET", target, fields, ""}, "lxd");
    text.replace(text.find("keep-alive"), 10, "Upgrade");
    send_all(fd, text);
    std::string bytes;
    while (bytes.find("\r\n\r\n") == std::string::npos) {
        const std::string more = read_some(fd);
        REQUIRE_FALSE(more.empty());
        bytes += more;
    }
    REQUIRE_MESSAGE(bytes.starts_with("HTTP/1.1 101 "), bytes);
    client->pending(bytes.substr(bytes.find("\r\n\r\n") + 4));
    return client;
}

std::string HostBench::raw(const std::string& bytes) {
    const int fd = connect();
    send_all(fd, bytes);
    ::shutdown(fd, SHUT_WR);
    std::string all;
    for (std::string more = read_some(fd); !more.empty(); more = read_some(fd)) all += more;
    ::close(fd);
    return all;
}

HttpReply HostBench::control(const std::string& method, const std::string& target, const Json& body) {
    std::promise<HttpReply> answered;
    loop_.post([&] { answered.set_value(host_->control({method, target, {}, body_text(body)})); });
    return answered.get_future().get();
}

void HostBench::launch(const std::string& name) {
    const Json source{{"type", "image"}, {"alias", "base"}};
    CHECK(done("POST", "/1.0/instances", {{"name", name}, {"source", source}})["status"] == "Success");
    CHECK(done("PUT", "/1.0/instances/" + name + "/state", {{"action", "start"}})["status"] == "Success");
}

std::string normalised(const Json& answer) {
    static const std::pair<std::regex, const char*> words[] = {
        {std::regex(R"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"), "UUID"},
        {std::regex(R"(\d{4}-\d\d-\d\dT[0-9:.]+Z)"), "TIME"},
        {std::regex(R"([0-9a-f]{64})"), "HEX"},
        {std::regex(R"("usage": \d+)"), "\"usage\": N"},
    };
    std::string text = answer.dump(1);
    for (const auto& [pattern, word] : words) text = std::regex_replace(text, pattern, word);
    return text;
}

}  // namespace csim
