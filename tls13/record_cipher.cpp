#include "tls13/record_cipher.hpp"

#include <openssl/evp.h>

#include <cassert>

namespace csim::tls13 {
namespace {

constexpr std::size_t tag_bytes = 16;

const char* name_of(Suite suite) {
    switch (suite) {
        case Suite::aes_128_gcm_sha256:
            return "AES-128-GCM";
        case Suite::aes_256_gcm_sha384:
            return "AES-256-GCM";
        default:
            return "ChaCha20-Poly1305";
    }
}

std::array<std::uint8_t, 12> nonce_of(const TrafficKey& key, std::uint64_t count) {
    auto nonce = key.iv;
    for (std::size_t i = 0; i < 8; ++i) nonce[11 - i] ^= static_cast<std::uint8_t>(count >> (8 * i));
    return nonce;
}

std::uint8_t* bytes_of(char* text) {
    return reinterpret_cast<std::uint8_t*>(text);
}

Opened refused(Alert alert) {
    return {false, alert, ContentType::alert, {}};
}

/// Strips the padding and finds the type that hides behind it.
Opened unwrap(char* content, std::size_t size) {
    while (size > 0 && content[size - 1] == 0) --size;
    if (size == 0) return refused(Alert::unexpected_message);
    const auto type = static_cast<ContentType>(content[size - 1]);
    if (--size > record_content_max) return refused(Alert::record_overflow);
    const bool known =
        type == ContentType::alert || type == ContentType::handshake || type == ContentType::application_data;
    if (!known || (size == 0 && type != ContentType::application_data))
        return refused(Alert::unexpected_message);
    return {true, Alert::close_notify, type, {content, size}};
}

}  // namespace

RecordCipher::RecordCipher() = default;

RecordCipher::~RecordCipher() {
    for (Contexts& each : contexts_) {
        EVP_CIPHER_CTX_free(each.sealing);
        EVP_CIPHER_CTX_free(each.opening);
        EVP_CIPHER_free(each.cipher);
    }
}

RecordCipher::Contexts& RecordCipher::contexts(Suite suite) {
    Contexts& found = contexts_[static_cast<std::size_t>(suite)];
    if (found.cipher == nullptr) {
        found.cipher = EVP_CIPHER_fetch(nullptr, name_of(suite), nullptr);
        found.sealing = EVP_CIPHER_CTX_new();
        found.opening = EVP_CIPHER_CTX_new();
        EVP_EncryptInit_ex(found.sealing, found.cipher, nullptr, nullptr, nullptr);
        EVP_DecryptInit_ex(found.opening, found.cipher, nullptr, nullptr, nullptr);
    }
    return found;
}

void RecordCipher::seal(
    Suite suite, const TrafficKey& key, std::uint64_t count, ContentType type, std::string_view content,
    std::string& out, std::size_t padding
) {
    assert(content.size() + padding <= record_content_max);
    const std::size_t inner = content.size() + 1 + padding;
    const std::size_t body = inner + tag_bytes;
    const std::size_t at = out.size();
    out += {char(23), 3, 3, static_cast<char>(body >> 8), static_cast<char>(body)};
    out.append(content);
    out += static_cast<char>(type);
    out.append(padding + tag_bytes, '\0');
    std::uint8_t* record = bytes_of(out.data() + at);
    std::uint8_t* text = record + record_header_bytes;
    EVP_CIPHER_CTX* ctx = contexts(suite).sealing;
    const auto nonce = nonce_of(key, count);
    int written = 0;
    const bool sealed = EVP_EncryptInit_ex(ctx, nullptr, nullptr, key.key.data(), nonce.data()) == 1 &&
                        EVP_EncryptUpdate(ctx, nullptr, &written, record, record_header_bytes) == 1 &&
                        EVP_EncryptUpdate(ctx, text, &written, text, static_cast<int>(inner)) == 1 &&
                        EVP_EncryptFinal_ex(ctx, text + inner, &written) == 1 &&
                        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, tag_bytes, text + inner) == 1;
    assert(sealed);
    static_cast<void>(sealed);
}

Opened RecordCipher::open(
    Suite suite, const TrafficKey& key, std::uint64_t count, char* record, std::size_t size
) {
    const std::size_t body = size - record_header_bytes;
    if (record[0] != 23) return refused(Alert::unexpected_message);
    if (body > record_body_max) return refused(Alert::record_overflow);
    // No type byte or no tag: nothing that could be authentic.
    if (body < tag_bytes + 1) return refused(Alert::bad_record_mac);
    const std::size_t inner = body - tag_bytes;
    std::uint8_t* text = bytes_of(record) + record_header_bytes;
    EVP_CIPHER_CTX* ctx = contexts(suite).opening;
    const auto nonce = nonce_of(key, count);
    int written = 0;
    const bool authentic =
        EVP_DecryptInit_ex(ctx, nullptr, nullptr, key.key.data(), nonce.data()) == 1 &&
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, tag_bytes, text + inner) == 1 &&
        EVP_DecryptUpdate(ctx, nullptr, &written, bytes_of(record), record_header_bytes) == 1 &&
        EVP_DecryptUpdate(ctx, text, &written, text, static_cast<int>(inner)) == 1 &&
        EVP_DecryptFinal_ex(ctx, text + written, &written) == 1;
    if (!authentic) return refused(Alert::bad_record_mac);
    return unwrap(record + record_header_bytes, inner);
}

}  // namespace csim::tls13
