// The key an agent has, the request it makes of it, and what its certificate says.
#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>

namespace csim {

enum class KeyKind {
    p256,     ///< a fraction of a millisecond to make
    rsa2048,  ///< what the original agents have; around a hundred milliseconds to make
};

struct Identity {
    std::string key_pem;  ///< PKCS#8, unencrypted
    std::string csr_pem;  ///< PKCS#10 with the subject CN=<fqdn> and nothing else; no newline at its end
};

/// X.509 limits a common name to that many bytes, so longer names cannot register.
inline constexpr std::size_t fqdn_bytes_max = 64;

/// Whether a host of this name could register: bad_argument for an empty or too long one, one with characters
/// that no name has, and for `localhost.localdomain`, under which hosts without a name would all collide.
Result<Nothing> check_fqdn(std::string_view fqdn);

/// A new key and a request signed with it, SHA-256. Thread-safe. Fails as check_fqdn() does, and with io if
/// OpenSSL fails. Source: §2.4 of the protocol. Differs: P-256 unless asked for RSA.
Result<Identity> make_identity(std::string_view fqdn, KeyKind kind);

/// A request for a key that exists. Errors: corrupt for a key that is none.
Result<std::string> make_csr(std::string_view fqdn, std::string_view key_pem);

struct CertificateFacts {
    std::string serial;  ///< upper-case hexadecimal, two digits a byte, no leading zero byte: what identifies
                         ///< an agent
    std::string common_name;  ///< informational; empty if there is none
};

/// Errors: corrupt.
Result<CertificateFacts> read_certificate(std::string_view certificate_pem);

/// Whether a certificate was issued for this key. Errors: corrupt, and conflict if it was not.
Result<Nothing> check_certificate(std::string_view certificate_pem, std::string_view key_pem);

}  // namespace csim
