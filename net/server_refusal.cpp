// What a connection says when it will not serve: refusals, redirections, and a close that lets them arrive.
#include "net/http_text.hpp"
#include "net/server_connection.hpp"
#include "net/server_engine.hpp"

#include <cctype>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace csim {
namespace {

constexpr auto linger_span = std::chrono::seconds(2);

std::string authority_of(const HttpRequest& request) {
    const std::string* host = find_field(request.headers, "Host");
    if (host == nullptr || host->empty()) return "";
    for (const char c : *host)
        if (!std::isalnum(static_cast<unsigned char>(c)) &&
            std::string_view(".-_:[]").find(c) == std::string_view::npos)
            return "";
    return *host;
}

}  // namespace

void ServerConnection::redirect_to_tls(const HttpRequest& request) {
    const std::string authority = authority_of(request);
    if (authority.empty()) return refuse(400, "This port speaks HTTPS.");
    HttpReply reply = error_reply(302, "This port speaks HTTPS.");
    reply.headers.emplace_back("Location", "https://" + authority + request.target);
    keep_ = false;
    out_ = reply_text(reply, {to_head_, true, http_1_0_});
    engine_.is_busy(*this);
    state_ = State::writing;
    flush();
}

void ServerConnection::refuse(unsigned status, const std::string& sentence) {
    reader_.reset();
    unread_ = std::string();
    refused_ = true;
    keep_ = false;
    out_ = reply_text(error_reply(status, sentence), {false, true, false});
    engine_.is_busy(*this);
    state_ = State::writing;
    engine_.reactor().arm(*this, engine_.options().slow_client_timeout);
    flush();
}

// Closing with unread input would reset the connection and could destroy the answer on its way.
void ServerConnection::linger() {
    stream_.shut_down();
    state_ = State::lingering;
    engine_.reactor().arm(*this, linger_span);
    listen_for(EPOLLIN);
    drain();
}

void ServerConnection::drain() {
    const auto scratch = engine_.reactor().scratch();
    for (int turn = 0; turn < 16; ++turn) {
        const auto n = ::recv(stream_.fd(), scratch.data(), scratch.size(), 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (n <= 0) return close(false);
    }
}

}  // namespace csim
