#include "wire/p256_key.hpp"

#include <algorithm>

namespace csim {
namespace {

constexpr std::string_view before_secret{
    "\x30\x81\x87\x02\x01\x00"                      // PrivateKeyInfo, version 0
    "\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"  // the algorithm: id-ecPublicKey,
    "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"      // on the curve prime256v1
    "\x04\x6d\x30\x6b\x02\x01\x01\x04\x20",         // ECPrivateKey, version 1
    36};
constexpr std::string_view before_point{"\xa1\x44\x03\x42\x00", 5};  // its public key, a bit string
constexpr std::size_t secret_at = before_secret.size();
constexpr std::size_t point_at = secret_at + 32 + before_point.size();
constexpr std::size_t size = point_at + 65;

template <std::size_t n>
std::string_view text(const std::array<unsigned char, n>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), n};
}

}  // namespace

std::string write_pkcs8(const P256Key& key) {
    std::string der(before_secret);
    der += text(key.secret);
    der += before_point;
    der += text(key.point);
    return der;
}

std::optional<P256Key> read_pkcs8(std::string_view der) {
    const bool laid_out = der.size() == size && der.starts_with(before_secret) &&
                          der.substr(secret_at + 32).starts_with(before_point) && der[point_at] == 4;
    if (!laid_out) return std::nullopt;
    P256Key key;
    std::copy_n(der.begin() + secret_at, key.secret.size(), key.secret.begin());
    std::copy_n(der.begin() + point_at, key.point.size(), key.point.begin());
    return key;
}

}  // namespace csim
