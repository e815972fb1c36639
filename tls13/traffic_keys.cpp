#include "tls13/traffic_keys.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cassert>
#include <cstring>

namespace csim::tls13 {
namespace {

const EVP_MD* hash_of(Suite suite) {
    return suite == Suite::aes_256_gcm_sha384 ? EVP_sha384() : EVP_sha256();
}

}  // namespace

Suite suite_of(std::uint16_t wire_id) {
    switch (wire_id) {
        case 0x1301:
            return Suite::aes_128_gcm_sha256;
        case 0x1302:
            return Suite::aes_256_gcm_sha384;
        case 0x1303:
            return Suite::chacha20_poly1305_sha256;
        default:
            return Suite::none;
    }
}

std::size_t hash_bytes(Suite suite) {
    return suite == Suite::aes_256_gcm_sha384 ? 48 : 32;
}

std::size_t key_bytes(Suite suite) {
    return suite == Suite::aes_128_gcm_sha256 ? 16 : 32;
}

void expand_label(
    Suite suite, const Secret& secret, std::string_view label, std::uint8_t* out, std::size_t out_size
) {
    // One HMAC is one step of the expansion, and no key is longer than one step.
    assert(out_size <= hash_bytes(suite) && label.size() <= 32);
    std::uint8_t info[64];
    std::size_t at = 0;
    info[at++] = 0;
    info[at++] = static_cast<std::uint8_t>(out_size);
    info[at++] = static_cast<std::uint8_t>(6 + label.size());
    std::memcpy(info + at, "tls13 ", 6), at += 6;
    std::memcpy(info + at, label.data(), label.size()), at += label.size();
    info[at++] = 0;
    info[at++] = 1;
    std::uint8_t step[EVP_MAX_MD_SIZE];
    unsigned int step_size = 0;
    HMAC(hash_of(suite), secret.data(), static_cast<int>(hash_bytes(suite)), info, at, step, &step_size);
    std::memcpy(out, step, out_size);
    OPENSSL_cleanse(step, sizeof step);
}

TrafficKey derive_key(Suite suite, const Secret& secret) {
    TrafficKey made;
    expand_label(suite, secret, "key", made.key.data(), key_bytes(suite));
    expand_label(suite, secret, "iv", made.iv.data(), made.iv.size());
    return made;
}

Secret next_secret(Suite suite, const Secret& secret) {
    Secret made{};
    expand_label(suite, secret, "traffic upd", made.data(), hash_bytes(suite));
    return made;
}

void wipe(Secret& secret) {
    OPENSSL_cleanse(secret.data(), secret.size());
}

void wipe(TrafficKey& key) {
    OPENSSL_cleanse(&key, sizeof key);
}

void wipe(LightKeys& keys) {
    wipe(keys.read);
    wipe(keys.write);
    keys = LightKeys();
}

}  // namespace csim::tls13
