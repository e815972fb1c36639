#include "tls13/traffic_keys.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <cassert>
#include <cstring>

namespace csim::tls13 {
namespace {

/// HMAC (RFC 2104) with what it needs made once. OpenSSL's makes and frees ten objects each time, and keys
/// are derived four times for each request of a connection that sleeps between them.
class Hmac {
  public:
    Hmac(const char* hash, std::size_t block)
        : hash_(EVP_MD_fetch(nullptr, hash, nullptr)), context_(EVP_MD_CTX_new()), block_(block) {}
    ~Hmac() {
        EVP_MD_CTX_free(context_);
        EVP_MD_free(hash_);
    }
    Hmac(const Hmac&) = delete;

    /// Requires: the key is no longer than a block of the hash.
    void sum(
        const std::uint8_t* key, std::size_t key_size, const std::uint8_t* text, std::size_t size,
        std::uint8_t* out
    ) {
        unsigned int step_size = 0;
        half(0x36, key, key_size, text, size, out, step_size);
        half(0x5c, key, key_size, out, step_size, out, step_size);
    }

  private:
    void half(
        std::uint8_t pad, const std::uint8_t* key, std::size_t key_size, const std::uint8_t* text,
        std::size_t size, std::uint8_t* out, unsigned int& out_size
    ) {
        std::array<std::uint8_t, 128> first;
        first.fill(pad);
        for (std::size_t i = 0; i < key_size; ++i) first[i] ^= key[i];
        const bool well = EVP_DigestInit_ex(context_, hash_, nullptr) == 1 &&
                          EVP_DigestUpdate(context_, first.data(), block_) == 1 &&
                          EVP_DigestUpdate(context_, text, size) == 1 &&
                          EVP_DigestFinal_ex(context_, out, &out_size) == 1;
        assert(well);
        static_cast<void>(well);
        OPENSSL_cleanse(first.data(), first.size());
    }

    EVP_MD* hash_;
    EVP_MD_CTX* context_;
    std::size_t block_;
};

Hmac& hmac_of(Suite suite) {
    thread_local Hmac sha256("SHA2-256", 64), sha384("SHA2-384", 128);
    return suite == Suite::aes_256_gcm_sha384 ? sha384 : sha256;
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
    hmac_of(suite).sum(secret.data(), hash_bytes(suite), info, at, step);
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
