// Certificate requests, and what turns them into certificates.
#pragma once

#include "core/result.hpp"
#include "core/unique_function.hpp"

#include <memory>
#include <string>

namespace csim {

/// A request that was parsed, not yet verified.
struct CertificateRequest {
    std::string common_name;             ///< the only attribute of its subject
    std::string key_fingerprint;         ///< SHA-256 of the public key, upper-case hexadecimal
    std::shared_ptr<const void> native;  ///< the signer's own form
};

struct SignedCertificate {
    std::string pem;     ///< trimmed
    std::string serial;  ///< upper-case hexadecimal, two digits a byte, no leading zero byte
};

class Signer {
  public:
    virtual ~Signer() = default;
    /// Errors: bad_argument, with the reason.
    virtual Result<CertificateRequest> parse(const std::string& csr_pem) const = 0;
    /// Verifies that the asker holds the key, then signs. `done` runs once on the world's thread, inside this
    /// call or later. Errors: refused.
    virtual void sign(
        const CertificateRequest& request, UniqueFunction<void(Result<SignedCertificate>)> done
    ) = 0;
    /// The authority's own certificate, which agents may verify the manager with.
    virtual const std::string& authority_certificate() const = 0;
};

}  // namespace csim
