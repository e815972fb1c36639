// Keys of the TLS 1.3 record protection, from the traffic secrets that a handshake ended with. No I/O.
// Source: RFC 8446, 7.1 to 7.3.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace csim::tls13 {

/// The suites that our record layer speaks. What else a handshake may choose stays with OpenSSL.
enum class Suite : std::uint8_t { none, aes_128_gcm_sha256, aes_256_gcm_sha384, chacha20_poly1305_sha256 };

/// By its number on the wire (0x1301, …); none for all others.
Suite suite_of(std::uint16_t wire_id);
std::size_t hash_bytes(Suite suite);
std::size_t key_bytes(Suite suite);

/// The first hash_bytes() of it count.
using Secret = std::array<std::uint8_t, 48>;

struct TrafficKey {
    std::array<std::uint8_t, 32> key{};  ///< the first key_bytes() of it count
    std::array<std::uint8_t, 12> iv{};
};

/// HKDF-Expand-Label with an empty context. Requires: `out_size` is at most hash_bytes().
void expand_label(
    Suite suite, const Secret& secret, std::string_view label, std::uint8_t* out, std::size_t out_size
);

TrafficKey derive_key(Suite suite, const Secret& secret);
/// What a KeyUpdate replaces the secret by.
Secret next_secret(Suite suite, const Secret& secret);

void wipe(Secret& secret);
void wipe(TrafficKey& key);

/// All that is kept of a connection whose SSL object is gone. Wiped by whoever owns it.
struct LightKeys {
    std::uint64_t read_count = 0;   ///< records opened under the present key
    std::uint64_t write_count = 0;  ///< records sealed under the present key
    Secret read{};
    Secret write{};
    Suite suite = Suite::none;
    bool answer_update = false;  ///< the peer asked for a KeyUpdate that has not been sent yet
    bool is_server = false;      ///< which end we are
};
void wipe(LightKeys& keys);

}  // namespace csim::tls13
