// The cryptography of the certificate authority: makes keys and certificates, reads requests. Keeps nothing
// on disk.
#pragma once

#include "manager/signer.hpp"

#include <memory>
#include <string>
#include <vector>

namespace csim {

struct PemPair {
    std::string key;
    std::string certificate;
};

/// A new authority: RSA-2048, CN x_local_authority. Takes up to a second of CPU.
PemPair make_authority();

/// Reads PKCS#10: exactly one attribute in its subject, a CN of 1 to 64 printable characters, and a P-256 key
/// or an RSA key of 2048 to 8192 bits. Errors: bad_argument. The signature is checked when signing.
Result<CertificateRequest> parse_certificate_request(const std::string& csr_pem);

/// Thread-safe after construction.
class AuthorityKeys {
  public:
    /// Throws Fatal when the texts are no key and certificate that belong together.
    explicit AuthorityKeys(const PemPair& authority);
    ~AuthorityKeys();

    /// A client certificate for the holder of the request's key. Errors: refused, the signature is not the
    /// key's.
    Result<SignedCertificate> sign(const CertificateRequest& request) const;

    /// A server certificate with its own RSA-2048 key; the first name is its CN.
    PemPair make_server_certificate(const std::vector<std::string>& names) const;
    /// True if this authority signed the certificate and it is for all of `names`.
    bool server_certificate_covers(const std::string& certificate_pem, const std::vector<std::string>& names)
        const;

  private:
    struct Native;
    std::unique_ptr<Native> native_;
};

}  // namespace csim
