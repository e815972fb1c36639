// A certificate authority for tests and benchmarks, made in memory and forgotten.
#pragma once

#include "net/tls_identity.hpp"

#include <string>

namespace csim {

struct ThrowawayPair {
    std::string key;
    std::string certificate;
};

class ThrowawayAuthority {
  public:
    explicit ThrowawayAuthority(const std::string& name = "test authority");

    /// RSA-2048, as managers have.
    ThrowawayPair server(const std::string& name = "localhost") const;
    /// P-256, as agents have. `days_left` below zero: expired.
    ThrowawayPair client(const std::string& name, long serial, int days_left = 1) const;
    std::string certificate_pem() const;

  private:
    ThrowawayPair issue(KeyPtr key, const std::string& name, long serial, int days_left) const;
    KeyPtr key_;
    X509Ptr certificate_;
};

}  // namespace csim
