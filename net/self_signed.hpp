// A key and a certificate that nobody vouches for but itself, as daemons make on their first start.
#pragma once

#include <string>
#include <string_view>

namespace csim {

struct SelfSigned {
    std::string key_pem;
    std::string certificate_pem;
};

/// ECDSA P-384, ten years, for `common_name`, the loopback addresses and localhost. Throws Fatal when OpenSSL
/// refuses.
SelfSigned make_self_signed(const std::string& common_name);

/// The same name and key, with a certificate that was good until yesterday.
SelfSigned expired_twin(const SelfSigned& of);

/// SHA-256 of the bytes, lower-case hex.
std::string sha256_hex(std::string_view bytes);
/// The first certificate in the text as DER; empty if there is none.
std::string certificate_der(const std::string& pem);
/// DER as PEM; empty if it is no certificate.
std::string certificate_pem(const std::string& der);

}  // namespace csim
