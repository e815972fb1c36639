// An OpenSSL end and an end of ours, over memory: what OpenSSL says is the truth that ours is held against.
#pragma once

#include "connections/tls/contexts.hpp"
#include "tls13/light_tls.hpp"

#include <openssl/types.h>

#include <functional>
#include <memory>
#include <string>

namespace csim::connections {

struct PairOptions {
    std::string ciphersuite = "TLS_AES_128_GCM_SHA256";
    int tickets = 2;
    bool ours_is_server = false;
    /// What OpenSSL says at both ends before.
    std::function<void(SSL* ours, SSL* peer, HandshakeSecrets&)> before_hand_over = {};
    bool stays_with_openssl = false;
};

/// Moves what one OpenSSL wrote to the other; the last `leave_out` bytes come with the next carry().
void carry(SSL* from, SSL* to, std::size_t leave_out = 0);

/// After the handshake, with our side handed over to LightTls.
class TlsPair {
  public:
    explicit TlsPair(const PairOptions& options = {});
    ~TlsPair();

    /// OpenSSL writes; the bytes wait in `to_us`.
    void peer_writes(const std::string& plain, std::size_t padding = 0);
    void peer_updates_key(bool ask);
    void peer_shuts_down();
    /// What OpenSSL reads of what we sealed; "" when there is nothing. `alert` in peer_error().
    std::string peer_reads(const std::string& sealed);
    /// Moves what OpenSSL has written out.
    std::string take_to_us();
    /// Feeds everything in pieces of `piece` bytes; what came is returned.
    std::string we_read(std::string bytes, std::size_t piece);

    SSL* peer = nullptr;
    RecordCipher cipher;
    LightKeys keys;
    LightCounts counts;
    std::unique_ptr<LightTls> light;
    std::string unread;  ///< of what was fed

  private:
    ContextPtr ours_, theirs_;
    PemTexts identity_;
};

}  // namespace csim::connections
