#include "tests/net/key_changing_server.hpp"

#include "net/socket.hpp"
#include "tests/net/net_fixture.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <atomic>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace csim {
namespace {

void write_all(SSL* ssl, std::string_view bytes) {
    if (!bytes.empty()) SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()));
}

/// The path of the next request; empty: there is none.
std::string next_path(SSL* ssl) {
    std::string request;
    char piece[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
        const int n = SSL_read(ssl, piece, sizeof piece);
        if (n <= 0) return "";
        request.append(piece, static_cast<std::size_t>(n));
    }
    const auto from = request.find(' ') + 1;
    return request.substr(from, request.find(' ', from) - from);
}

std::string answer_to(const std::string& path) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(path.size()) + "\r\n\r\n" + path;
}

}  // namespace

struct KeyChangingServer::Impl {
    explicit Impl(Options given) : options(std::move(given)), listener(listen_on("127.0.0.1", 0)) {
        SSL_CTX_set_max_proto_version(context, options.version_max);
        SSL_CTX_set_ciphersuites(context, options.ciphersuites.c_str());
        SSL_CTX_set_num_tickets(context, static_cast<std::size_t>(options.tickets));
        const auto key = parse_key_pem(test_server_pair().key);
        const auto certificate = parse_certificate_pem(test_server_pair().certificate);
        SSL_CTX_use_certificate(context, certificate->get());
        SSL_CTX_use_PrivateKey(context, key->get());
        SSL_CTX_set_msg_callback(context, note);
        SSL_CTX_set_msg_callback_arg(context, this);
        thread = std::thread([this] { run(); });
    }
    ~Impl() {
        stopping = true;
        ::shutdown(listener, SHUT_RDWR);
        if (const int open = current; open >= 0) ::shutdown(open, SHUT_RDWR);
        thread.join();
        ::close(listener);
        SSL_CTX_free(context);
    }

    static void note(int written, int, int type, const void* data, std::size_t size, SSL*, void* self) {
        const bool update = type == SSL3_RT_HANDSHAKE && size > 0 && *static_cast<const char*>(data) == 24;
        if (update && written == 0) ++static_cast<Impl*>(self)->updates;
    }

    void run() {
        while (!stopping) {
            pollfd wait{listener, POLLIN, 0};
            if (::poll(&wait, 1, 30'000) <= 0) return;
            const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0) continue;
            current = fd;
            SSL* const ssl = SSL_new(context);
            SSL_set_fd(ssl, fd);
            if (SSL_accept(ssl) == 1) serve(ssl, fd);
            current = -1;
            SSL_free(ssl);
            ::close(fd);
            ERR_clear_error();
        }
    }

    void serve(SSL* ssl, int fd) {
        if (options.update_at_once) {
            SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED);
            SSL_do_handshake(ssl);
        }
        for (;;) {
            const std::string path = next_path(ssl);
            if (path.empty() || stopping || !answer(ssl, fd, path)) return;
        }
    }

    /// False: that was the last one.
    static bool answer(SSL* ssl, int fd, const std::string& path) {
        const std::string whole = answer_to(path);
        // Any alert will do: this one is sent as close_notify would be, but is fatal.
        if (path == "/garbage")
            ::send(
                fd,
                "\x17\x03\x03\x00\x20"
                "01234567890123456789012345678901",
                37, MSG_NOSIGNAL
            );
        if (path == "/alert") return provoke_alert(ssl, fd), false;
        if (path == "/garbage" || path == "/close") return SSL_shutdown(ssl), false;
        if (path == "/cut") return write_all(ssl, whole.substr(0, whole.size() - 2)), false;
        SSL_set_block_padding(ssl, path == "/padded" ? 512 : 0);
        const std::size_t piece = path == "/pieces" ? 1 : whole.size();
        for (std::size_t at = 0; at < whole.size(); at += piece)
            write_all(ssl, std::string_view(whole).substr(at, piece));
        if (path == "/ticket") SSL_new_session_ticket(ssl);
        if (path == "/update") SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED);
        if (path == "/ask") SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED);
        if (path == "/ticket" || path == "/update" || path == "/ask") SSL_do_handshake(ssl);
        return true;
    }

    /// OpenSSL sends one when what it reads is not a record: so it is given some of its own.
    static void provoke_alert(SSL* ssl, int fd) {
        BIO* const nonsense = BIO_new_mem_buf("\x16\x03\x03\x00\x05hello", 10);
        BIO* const socket = BIO_new_socket(fd, BIO_NOCLOSE);
        SSL_set_bio(ssl, nonsense, socket);
        char byte = 0;
        SSL_read(ssl, &byte, 1);
    }

    const Options options;
    SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
    const int listener;
    std::atomic<int> current{-1};
    std::atomic<bool> stopping{false};
    std::atomic<int> updates{0};
    std::thread thread;
};

KeyChangingServer::KeyChangingServer(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}

KeyChangingServer::~KeyChangingServer() = default;

std::uint16_t KeyChangingServer::port() const {
    return local_port(impl_->listener);
}

int KeyChangingServer::updates_seen() const {
    return impl_->updates;
}

}  // namespace csim
