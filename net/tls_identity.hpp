// Keys and certificates: as text, and a client's pair, small while idle: kept as DER, parsed only around full
// handshakes.
#pragma once

#include "core/result.hpp"

#include <openssl/types.h>

#include <memory>
#include <mutex>
#include <string>

namespace csim {

struct FreeX509 {
    void operator()(X509* x509) const;
};
struct FreeKey {
    void operator()(EVP_PKEY* key) const;
};
using X509Ptr = std::unique_ptr<X509, FreeX509>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;

/// The text names what is wrong in one phrase.
Result<KeyPtr> parse_key_pem(const std::string& pem);
Result<X509Ptr> parse_certificate_pem(const std::string& pem);

// As PEM; Fatal when memory is broken.
std::string certificate_text(const X509& certificate);
std::string key_text(const EVP_PKEY& key);

/// Thread-safe.
class TlsIdentity {
  public:
    TlsIdentity(X509Ptr certificate, KeyPtr key);

    /// The parsed pair, with one reference each for the caller. False if the texts cannot be parsed any more.
    bool parsed(X509** certificate, EVP_PKEY** key) const;
    /// Drops the parsed form (10 kB) until somebody asks again (half a millisecond).
    void shrink() const;

  private:
    std::string certificate_der_;
    std::string key_der_;
    mutable std::mutex mutex_;
    mutable X509Ptr certificate_;
    mutable KeyPtr key_;
};

}  // namespace csim
