// A signer without cryptography, for runs where both ends live in one process and nothing crosses a socket.
#pragma once

#include "core/rng.hpp"
#include "manager/signer.hpp"

#include <set>

namespace csim {

/// Takes requests of the form that plain_request() makes. Deterministic: serials come from `rng`.
class PlainSigner final : public Signer {
  public:
    explicit PlainSigner(Rng rng) : rng_(rng) {}

    Result<CertificateRequest> parse(const std::string& csr_pem) const override;
    void sign(const CertificateRequest& request, UniqueFunction<void(Result<SignedCertificate>)> done)
        override;
    const std::string& authority_certificate() const override;

  private:
    Rng rng_;
    std::set<std::string> serials_;
};

/// A request for a certificate in name of `common_name`, by the holder of the key called `key`.
std::string plain_request(const std::string& common_name, const std::string& key);
/// The serial of a certificate that a PlainSigner signed; empty if it is no such certificate.
std::string plain_serial(const std::string& certificate);

}  // namespace csim
