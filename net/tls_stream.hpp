// One TCP connection, with or without TLS on it. Owns the descriptor and the SSL, and is the only thing that
// touches them: what is behind read() and write() may shrink to traffic keys.
#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace csim {
namespace tls13 {
struct HandshakeSecrets;
}  // namespace tls13
class LightStream;
struct LightTools;

class TlsStream {
  public:
    enum class Status {
        done,
        want_read,   ///< call again when readable
        want_write,  ///< call again when writable
        closed,      ///< the peer ended the stream
        failed,      ///< failure() says why
    };
    struct Transfer {
        Status status = Status::done;
        std::size_t bytes = 0;
    };

    TlsStream() = default;
    /// Takes a descriptor over; plain TCP until told otherwise.
    explicit TlsStream(int fd) : fd_(fd) {}
    TlsStream(TlsStream&& other) noexcept;
    TlsStream& operator=(TlsStream&& other) noexcept;
    ~TlsStream();

    bool is_open() const { return fd_ >= 0; }
    bool is_tls() const { return ssl_ != nullptr || light_ != nullptr; }
    int fd() const { return fd_; }
    SSL* ssl() const { return ssl_; }  ///< null: it is plain, or hibernates

    Status handshake();
    /// done: at least one byte was moved.
    Transfer read(char* into, std::size_t size);
    Transfer write(std::string_view bytes);
    /// Bytes wait inside, so that the descriptor may never become readable for them.
    bool has_pending() const;
    bool resumed() const;

    /// Goes on with TLS on the same descriptor. Takes `ssl` over. Requires: is plain.
    void become_tls(SSL* ssl);
    /// Prepares for hibernate(). Requires: is TLS and has not shaken hands; export_secrets() of its context.
    void watch_secrets();
    /// To be called when the handshake is done, before anything else is read or written.
    void count_records();
    /// The peer has sent a session ticket since. Requires: may_hibernate().
    bool has_ticket() const;
    bool may_hibernate() const { return watch_ != nullptr; }
    /// Goes on with the traffic keys instead of OpenSSL, if that is safe now: TLS 1.3 with a suite that we
    /// speak, keys of the handshake still in use, nothing half read or half written. If it can never be, it
    /// is not tried again. Requires: count_records() was called. `tools` outlives the stream.
    bool hibernate(LightTools& tools);
    bool hibernates() const { return light_ != nullptr; }

    /// Says goodbye at the TLS level and half-closes, so that the peer reads everything sent before.
    void shut_down();
    /// Frees everything. `politely` sends the TLS goodbye without waiting.
    void close(bool politely);

    /// Whether the last failure was TLS's (a certificate, an alert, not TLS at all) or the network's.
    bool failed_in_tls() const { return tls_reason_ != 0; }
    /// One phrase about the last failure.
    std::string failure() const;

  private:
    Status judge(int returned);
    Status judge_plain(long returned);
    Transfer judge_light(Transfer transfer);
    void free_tls();

    int fd_ = -1;
    int errno_ = 0;
    unsigned long tls_reason_ = 0;
    SSL* ssl_ = nullptr;
    bool half_written_ = false;
    tls13::HandshakeSecrets* watch_ = nullptr;
    LightStream* light_ = nullptr;
};

}  // namespace csim
