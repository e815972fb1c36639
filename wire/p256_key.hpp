// A P-256 private key as the bytes of its PKCS#8 file, which for this curve always lie in the same places.
// Reading and writing them here takes microseconds; a general decoder of OpenSSL 3 takes half a millisecond,
// too much for ten thousand keys. Source: RFC 5208, RFC 5915, RFC 5480.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace csim {

struct P256Key {
    std::array<unsigned char, 32> secret;  ///< big-endian
    std::array<unsigned char, 65> point;   ///< 0x04, x, y
};

/// DER, unencrypted, 138 bytes.
std::string write_pkcs8(const P256Key& key);

/// Nothing if this is another kind of key, or laid out in another way. Does not check that secret and point
/// belong together.
std::optional<P256Key> read_pkcs8(std::string_view der);

}  // namespace csim
