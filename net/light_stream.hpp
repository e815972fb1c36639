// A TLS 1.3 connection without OpenSSL, on a socket: its traffic keys, and while something is said the record
// layer. Part of TlsStream.
#pragma once

#include "net/tls_stream.hpp"
#include "tls13/light_tls.hpp"

#include <memory>
#include <string>
#include <vector>

namespace csim {

/// What all connections of one thread share.
struct LightTools {
    LightTools();
    tls13::RecordCipher cipher;
    tls13::LightCounts counts;
    std::vector<char> buffer;  ///< to read into
};

/// Asleep it is keys and counters; awake from the first byte of something to the last.
class LightStream {
  public:
    /// The descriptor stays the caller's. `tools` outlives this.
    LightStream(LightTools& tools, int fd, const tls13::LightKeys& keys);
    ~LightStream();
    LightStream(const LightStream&) = delete;

    TlsStream::Transfer read(char* into, std::size_t size);
    /// After want_write it must be called with the same bytes again, or more of them.
    TlsStream::Transfer write(std::string_view bytes);
    bool has_pending() const { return awake_ && !awake_->plain.empty(); }
    bool is_awake() const { return awake_ != nullptr; }
    /// As far as the kernel takes it now.
    void say_goodbye();

    int error() const { return errno_; }                  ///< of the network's last failure
    unsigned long tls_reason() const { return reason_; }  ///< as OpenSSL counts them

  private:
    struct Awake {
        Awake(LightTools& tools, tls13::LightKeys& keys) : light(tools.cipher, keys, tools.counts) {}
        tls13::LightTls light;
        std::string in;            ///< the part of a record that came so far
        std::string plain;         ///< opened and not asked for yet
        std::string out;           ///< sealed and not sent yet
        std::size_t promised = 0;  ///< how much of the writer's bytes `out` holds
    };

    Awake& wake();
    void sleep_if_possible();
    TlsStream::Transfer hand_out(char* into, std::size_t size);
    TlsStream::Status receive();
    TlsStream::Status judge_end();
    bool send_out();

    LightTools& tools_;
    const int fd_;
    int errno_ = 0;
    unsigned long reason_ = 0;
    std::unique_ptr<Awake> awake_;
    tls13::LightKeys keys_;
};

}  // namespace csim
