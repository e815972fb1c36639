// A certificate for each connection, made when it is needed from the run's seed and the connection's number:
// the same one each time, and nothing to store for half a million of them.
#pragma once

#include "net/tls_identity.hpp"

#include <openssl/types.h>

#include <cstdint>
#include <string>

namespace csim::connections {

class IdentityMaker {
  public:
    /// The authority's certificate and key as PEM files. Throws Fatal if they are none, or not a pair.
    IdentityMaker(const std::string& certificate_file, const std::string& key_file, std::uint64_t seed);

    /// Gives the certificate of connection `index` to a handshake. False: OpenSSL has no memory.
    bool present(SSL* ssl, std::uint64_t index) const;

    struct Identity {
        X509Ptr certificate;
        KeyPtr key;
    };
    /// P-256, subject `client-000042`, good for 30 days.
    Identity make(std::uint64_t index) const;

  private:
    X509Ptr authority_;
    KeyPtr authority_key_;
    std::string seed_;
};

}  // namespace csim::connections
