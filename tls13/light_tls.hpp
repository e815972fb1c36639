// A TLS 1.3 connection after its handshake, without an SSL object: opens what the peer sent, obeys
// KeyUpdates, alerts and tickets, seals what is to be sent. It implements record protection only:
// certificates, key exchange and negotiation are OpenSSL's, always. Meant for load tests, not for products
// that carry real secrets. No I/O. Source: RFC 8446, 4.6, 5 and 6.
#pragma once

#include "tls13/record_cipher.hpp"

#include <string>
#include <string_view>

namespace csim::tls13 {

/// What happened while bytes of the peer were read.
enum class TlsEnd : std::uint8_t {
    none,
    close_notify,  ///< the peer will send nothing more
    alert,         ///< the peer gave up; `code` is its alert
    broken,        ///< what came is not TLS as it must be; `code` is the alert to send
};

/// What a connection has seen since its hand-over; for reports and limits.
struct LightCounts {
    std::uint64_t tickets = 0;
    std::uint64_t updates_received = 0;
    std::uint64_t updates_sent = 0;
};

/// The awake part. Dropped when nothing is said, made again from the same LightKeys when something is.
class LightTls {
  public:
    /// `counts` is added to. All of them outlive this.
    LightTls(RecordCipher& cipher, LightKeys& keys, LightCounts& counts);
    ~LightTls();
    LightTls(const LightTls&) = delete;

    /// Opens as many whole records as there are and appends their application data to `plain`. Returns how
    /// many bytes were used; the rest must be presented again, followed by more. Stops at an end.
    std::size_t feed(char* bytes, std::size_t size, std::string& plain);
    TlsEnd end() const { return end_; }
    std::uint8_t code() const { return code_; }

    /// Seals into as many records as it takes and appends them to `out`, after the KeyUpdate that is owed.
    void seal(std::string_view content, std::string& out);
    /// A goodbye, or an error's alert, which is the last thing to send.
    void seal_alert(Alert alert, std::string& out);

    /// Nothing is half done, so that keys and counters are the whole state.
    bool at_rest() const { return end_ == TlsEnd::none && message_.empty(); }

    /// After so many records under one key a KeyUpdate is sent and asked for. Far below the 2^24.5 of
    /// AES-GCM.
    void set_records_per_key(std::uint64_t count) { records_per_key_ = count; }

  private:
    bool open_record(char* record, std::size_t size, std::string& plain);
    bool take_alert(std::string_view content);
    bool take_handshake(std::string_view content);
    bool take_message(std::uint8_t type, std::string_view body, bool ends_record);
    bool take_update(std::string_view body, bool ends_record);
    bool fail(Alert alert);
    void append_record(ContentType type, std::string_view content, std::string& out);
    void send_update(bool ask, std::string& out);

    RecordCipher& cipher_;
    LightKeys& keys_;
    LightCounts& counts_;
    TrafficKey read_key_, write_key_;
    bool have_read_key_ = false, have_write_key_ = false;
    TlsEnd end_ = TlsEnd::none;
    std::uint8_t code_ = 0;
    unsigned empty_records_ = 0;
    unsigned updates_ = 0;
    std::string message_;  ///< of a handshake message that is spread over records
    std::uint64_t records_per_key_ = std::uint64_t(1) << 23;
};

}  // namespace csim::tls13
