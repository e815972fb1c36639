// Bytes over TLS on a non-blocking socket: OpenSSL for the handshake and for whatever must stay with it, our
// record layer from then on. The awake part of a connection; what survives its sleep is TlsState.
#pragma once

#include "connections/reasons.hpp"
#include "connections/tls/contexts.hpp"
#include "tls13/light_tls.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace csim::connections {

/// What a connection needs of TLS while it sleeps: an SSL, or the keys alone.
struct TlsState {
    SSL* ssl = nullptr;
    LightKeys keys;

    bool light() const { return keys.suite != Suite::none; }
    /// Frees and wipes. Says nothing to the peer.
    void release();
};

/// What all connections of one thread share.
struct ChannelTools {
    ChannelTools();
    RecordCipher cipher;
    LightCounts counts;
    std::vector<char> buffer;                   ///< to read into
    std::string plain;                          ///< what the last read() brought
    std::string sealed;                         ///< scratch
    std::uint64_t bytes_in = 0, bytes_out = 0;  ///< of TLS records after handshakes
    std::uint64_t records_per_key = std::uint64_t(1) << 23;
};

class Channel {
  public:
    enum class Progress : std::uint8_t { done, wait_read, wait_write, ended };

    /// `fd` and `state` outlive this, and so do the tools.
    Channel(ChannelTools& tools, int fd, TlsState& state);
    Channel(const Channel&) = delete;

    /// Begins a handshake. False: no memory. `secrets`: they may be exported.
    bool start(SSL_CTX* context, bool is_server, bool secrets);
    Progress handshake();
    /// Goes on without OpenSSL if that is safe. Requires: the handshake is done, nothing was read or written
    /// but after hand_over_later().
    bool hand_over(bool is_server, unsigned tickets_sent);
    /// Instead, at first: lets OpenSSL go on until the session ticket has come; hand_over() is to be tried
    /// when nothing is being read or written. False: the secrets were not exported.
    bool hand_over_later();
    bool waits_to_hand_over() const { return late_; }
    bool has_ticket() const { return late_ && secrets_->tickets > 0; }

    /// Reads what there is, up to a limit; tools.plain holds it, also when it ended. Never waits:
    /// `wait_read`.
    Progress read();
    /// Sends, or keeps what the kernel does not take. False: ended.
    bool write(std::string_view plain);
    /// Sends what was kept.
    bool flush();
    bool wants_write() const { return !out_.empty() || ssl_wants_write_; }
    /// Says goodbye at the TLS level, as far as the kernel takes it now, and half-closes.
    void say_goodbye();
    /// No byte is half in or half out.
    bool at_rest() const;

    Reason reason() const { return reason_; }
    std::uint32_t code() const { return code_; }
    /// The other direction is over as well, or the peer does not want to hear more.
    bool ended() const { return reason_ != Reason::none; }

  private:
    Progress read_light();
    Progress read_ssl();
    bool send_now(std::string_view sealed);
    bool write_ssl(std::string_view plain);
    Progress judge(int returned);
    Progress end(Reason reason, std::uint32_t code = 0);
    void end_light();
    LightTls& light();

    ChannelTools& tools_;
    const int fd_;
    TlsState& state_;
    std::unique_ptr<HandshakeSecrets> secrets_;
    bool late_ = false;
    std::optional<LightTls> light_;
    std::string in_;   ///< the part of a record that came so far
    std::string out_;  ///< sealed, or plain for OpenSSL to take again
    bool ssl_wants_write_ = false;
    Reason reason_ = Reason::none;
    std::uint32_t code_ = 0;
};

/// The reason behind an errno of a socket.
Reason reason_of_errno(int error);

}  // namespace csim::connections
