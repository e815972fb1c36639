#include "net/tls_identity.hpp"

#include "net/https_client.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace csim {
namespace {

struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, FreeBio>;

BioPtr reading(const std::string& text) {
    return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Without it OpenSSL would ask at the terminal.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

template <class Encode>
std::string der(Encode encode) {
    unsigned char* bytes = nullptr;
    const int size = encode(&bytes);
    std::string text;
    if (size > 0) text.assign(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_clear_free(bytes, size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
}

}  // namespace

void FreeX509::operator()(X509* x509) const {
    X509_free(x509);
}

void FreeKey::operator()(EVP_PKEY* key) const {
    EVP_PKEY_free(key);
}

Result<KeyPtr> parse_key_pem(const std::string& pem) {
    KeyPtr key(PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
    if (!key) return Error{Errc::corrupt, "the private key is not unencrypted PEM"};
    return key;
}

Result<X509Ptr> parse_certificate_pem(const std::string& pem) {
    X509Ptr certificate(PEM_read_bio_X509(reading(pem).get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
    if (!certificate) return Error{Errc::corrupt, "the certificate is not PEM"};
    return certificate;
}

TlsIdentity::TlsIdentity(X509Ptr certificate, KeyPtr key)
    : certificate_der_(der([&](unsigned char** out) { return i2d_X509(certificate.get(), out); })),
      key_der_(der([&](unsigned char** out) { return i2d_PrivateKey(key.get(), out); })),
      certificate_(std::move(certificate)),
      key_(std::move(key)) {}

bool TlsIdentity::parsed(X509** certificate, EVP_PKEY** key) const {
    const std::lock_guard lock(mutex_);
    if (!certificate_) {
        const auto* bytes = reinterpret_cast<const unsigned char*>(certificate_der_.data());
        certificate_.reset(d2i_X509(nullptr, &bytes, static_cast<long>(certificate_der_.size())));
        bytes = reinterpret_cast<const unsigned char*>(key_der_.data());
        key_.reset(d2i_AutoPrivateKey(nullptr, &bytes, static_cast<long>(key_der_.size())));
    }
    if (!certificate_ || !key_) return false;
    X509_up_ref(certificate_.get());
    EVP_PKEY_up_ref(key_.get());
    *certificate = certificate_.get();
    *key = key_.get();
    return true;
}

void TlsIdentity::shrink() const {
    const std::lock_guard lock(mutex_);
    certificate_.reset();
    key_.reset();
}

Result<std::shared_ptr<const TlsIdentity>> parse_identity(
    const std::string& key_pem, const std::string& certificate_pem
) {
    auto key = parse_key_pem(key_pem);
    if (!key) return key.error();
    auto certificate = parse_certificate_pem(certificate_pem);
    if (!certificate) return certificate.error();
    if (X509_check_private_key(certificate->get(), key->get()) != 1) {
        ERR_clear_error();
        return Error{Errc::corrupt, "the private key and the certificate do not belong together"};
    }
    std::shared_ptr<const TlsIdentity> identity =
        std::make_shared<TlsIdentity>(std::move(*certificate), std::move(*key));
    return identity;
}

}  // namespace csim
