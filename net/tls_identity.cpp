#include "net/tls_identity.hpp"

#include "net/https_client.hpp"
#include "wire/p256_key.hpp"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <bit>
#include <string_view>

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

/// None for anything but a P-256 key as PKCS#8. No decoder is asked, so this is quick.
KeyPtr quick_key(const std::string& der) {
    auto bytes = read_pkcs8(der);
    if (!bytes) return nullptr;
    // OSSL_PARAM takes the secret in the machine's own byte order.
    if constexpr (std::endian::native == std::endian::little)
        std::reverse(bytes->secret.begin(), bytes->secret.end());
    char curve[] = "prime256v1";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, bytes->secret.data(), bytes->secret.size()),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, bytes->point.data(), bytes->point.size()),
        OSSL_PARAM_construct_end()};
    EVP_PKEY* key = nullptr;
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
    if (context != nullptr && EVP_PKEY_fromdata_init(context) == 1)
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters);
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    return KeyPtr(key);
}

/// The bytes of a PEM block; empty if it is none, or encrypted.
std::string pem_block(const std::string& pem, const char* label) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    std::string bytes;
    if (PEM_read_bio(reading(pem).get(), &name, &header, &data, &size) == 1 &&
        std::string_view(name) == label && *header == '\0')
        bytes.assign(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<std::size_t>(size));
    ERR_clear_error();
    return bytes;
}

std::string pkcs8(EVP_PKEY* key) {
    PKCS8_PRIV_KEY_INFO* info = EVP_PKEY2PKCS8(key);
    if (info == nullptr) return {};
    std::string bytes = der([&](unsigned char** out) { return i2d_PKCS8_PRIV_KEY_INFO(info, out); });
    PKCS8_PRIV_KEY_INFO_free(info);
    return bytes;
}

KeyPtr key_of(const std::string& der) {
    if (KeyPtr key = quick_key(der)) return key;
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    return KeyPtr(d2i_AutoPrivateKey(nullptr, &bytes, static_cast<long>(der.size())));
}

}  // namespace

void FreeX509::operator()(X509* x509) const {
    X509_free(x509);
}

void FreeKey::operator()(EVP_PKEY* key) const {
    EVP_PKEY_free(key);
}

Result<KeyPtr> parse_key_pem(const std::string& pem) {
    if (KeyPtr key = quick_key(pem_block(pem, PEM_STRING_PKCS8INF))) return key;
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

namespace {

template <class Write>
std::string written(const char* what, Write write) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    if (!bio || write(bio.get()) != 1) throw Fatal(std::string("OpenSSL cannot write a ") + what + ".");
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &bytes);
    return std::string(bytes, static_cast<std::size_t>(size));
}

}  // namespace

std::string certificate_text(const X509& certificate) {
    return written("certificate", [&](BIO* bio) { return PEM_write_bio_X509(bio, &certificate); });
}

std::string key_text(const EVP_PKEY& key) {
    return written("key", [&](BIO* bio) {
        return PEM_write_bio_PrivateKey(bio, &key, nullptr, nullptr, 0, nullptr, nullptr);
    });
}

TlsIdentity::TlsIdentity(X509Ptr certificate, KeyPtr key)
    : certificate_der_(der([&](unsigned char** out) { return i2d_X509(certificate.get(), out); })),
      key_der_(pkcs8(key.get())),
      certificate_(std::move(certificate)),
      key_(std::move(key)) {}

bool TlsIdentity::parsed(X509** certificate, EVP_PKEY** key) const {
    const std::lock_guard lock(mutex_);
    if (!certificate_) {
        const auto* bytes = reinterpret_cast<const unsigned char*>(certificate_der_.data());
        certificate_.reset(d2i_X509(nullptr, &bytes, static_cast<long>(certificate_der_.size())));
        key_ = key_of(key_der_);
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
