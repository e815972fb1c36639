// The manager's own certificate authority: its key, the server's certificate, and certificates for agents.
// Source: the agent protocol, §1.5. Differs: certificates are v3, serials are random, unique and of 63 bits.
#pragma once

#include "core/event_loop.hpp"
#include "manager/signer.hpp"
#include "state/state_store.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace csim {

struct AuthorityOptions {
    /// Names and addresses the server's certificate is valid for, beside localhost and 127.0.0.1; the first
    /// is its CN.
    std::vector<std::string> server_names;
    /// Threads that sign; 0 signs on the caller's thread.
    std::size_t threads = 1;
};

class CertificateAuthority final : public Signer {
  public:
    /// Loads the authority from `store`, or makes it and puts it there (documents authority.pem,
    /// authority.crt, manager.pem, manager.crt); the caller commits. The server's certificate is made anew if
    /// it lacks one of the names. `inbox` is where `done` of sign() runs. Throws Fatal when the stored
    /// authority is unreadable.
    CertificateAuthority(StateStore& store, Inbox& inbox, AuthorityOptions options);
    ~CertificateAuthority() override;

    Result<CertificateRequest> parse(const std::string& csr_pem) const override;
    void sign(const CertificateRequest& request, UniqueFunction<void(Result<SignedCertificate>)> done)
        override;
    const std::string& authority_certificate() const override;

    const std::string& server_key() const;          ///< PEM
    const std::string& server_certificate() const;  ///< PEM

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace csim
