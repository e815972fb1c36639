// Seals and opens single TLS 1.3 records with OpenSSL's AEAD primitives. One object serves all connections of
// a thread; the keys come with each call. No I/O. Source: RFC 8446, 5.2 to 5.4.
#pragma once

#include "tls13/traffic_keys.hpp"

#include <openssl/types.h>

#include <array>
#include <string>
#include <string_view>

namespace csim::tls13 {

enum class ContentType : std::uint8_t {
    change_cipher_spec = 20,
    alert = 21,
    handshake = 22,
    application_data = 23
};

constexpr std::size_t record_header_bytes = 5;
constexpr std::size_t record_content_max = 16'384;
constexpr std::size_t record_body_max = record_content_max + 256;

/// Alerts that a receiver of records may have to send. Source: RFC 8446, 6.
enum class Alert : std::uint8_t {
    close_notify = 0,
    unexpected_message = 10,
    bad_record_mac = 20,
    record_overflow = 22,
    decode_error = 50,
    illegal_parameter = 47,
    user_canceled = 90,
};

/// One record as it was opened, or why it could not be.
struct Opened {
    bool well = false;
    Alert alert = Alert::bad_record_mac;  ///< what to tell the peer if not well
    ContentType type = ContentType::application_data;
    std::string_view content;  ///< inside the record's own bytes
};

class RecordCipher {
  public:
    RecordCipher();
    ~RecordCipher();
    RecordCipher(const RecordCipher&) = delete;

    /// Appends one record. `padding` zero bytes are added inside. Requires: content and padding fit into one.
    void seal(
        Suite suite, const TrafficKey& key, std::uint64_t count, ContentType type, std::string_view content,
        std::string& out, std::size_t padding = 0
    );
    /// Opens a whole record (header and body) in place.
    Opened open(Suite suite, const TrafficKey& key, std::uint64_t count, char* record, std::size_t size);

  private:
    struct Contexts {
        EVP_CIPHER* cipher = nullptr;
        EVP_CIPHER_CTX* sealing = nullptr;
        EVP_CIPHER_CTX* opening = nullptr;
    };
    Contexts& contexts(Suite suite);
    std::array<Contexts, 4> contexts_{};
};

}  // namespace csim::tls13
