#include "net/self_signed.hpp"

#include "core/hex.hpp"
#include "core/result.hpp"
#include "net/tls_identity.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace csim {
namespace {

constexpr long ten_years = 10L * 365 * 24 * 60 * 60;

void name_it(X509* x509, const std::string& common_name) {
    X509_NAME* name = X509_get_subject_name(x509);
    const auto add = [&](const char* field, const std::string& text) {
        X509_NAME_add_entry_by_txt(
            name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0
        );
    };
    add("O", "cluster-sim");
    add("CN", common_name);
    X509_set_issuer_name(x509, name);
}

void extend(X509* x509, int kind, const std::string& text) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, x509, x509, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, text.c_str());
    if (extension == nullptr) return;
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
}

void set_random_serial(X509* x509) {
    unsigned char bytes[15];
    RAND_bytes(bytes, sizeof bytes);
    BIGNUM* number = BN_bin2bn(bytes, sizeof bytes, nullptr);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509));
    BN_free(number);
}

/// Signed by `key` for itself, good from and until so many seconds after now.
SelfSigned signed_for(EVP_PKEY* key, const std::string& common_name, long from, long until) {
    const X509Ptr x509(X509_new());
    if (key == nullptr || !x509) throw Fatal("cannot make a certificate, the OpenSSL library refuses");
    X509_set_version(x509.get(), 2);
    set_random_serial(x509.get());
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), from);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), until);
    name_it(x509.get(), common_name);
    X509_set_pubkey(x509.get(), key);
    extend(x509.get(), NID_basic_constraints, "critical,CA:FALSE");
    extend(x509.get(), NID_key_usage, "critical,digitalSignature,keyEncipherment");
    extend(x509.get(), NID_ext_key_usage, "serverAuth,clientAuth");
    extend(x509.get(), NID_subject_alt_name, "DNS:" + common_name + ",DNS:localhost,IP:127.0.0.1,IP:::1");
    if (X509_sign(x509.get(), key, EVP_sha384()) == 0)
        throw Fatal("cannot sign a certificate, the OpenSSL library refuses");
    return {key_text(*key), certificate_text(*x509)};
}

std::string common_name_in(const std::string& certificate) {
    const auto x509 = parse_certificate_pem(certificate);
    char name[256] = {};
    if (x509)
        X509_NAME_get_text_by_NID(X509_get_subject_name(x509->get()), NID_commonName, name, sizeof name);
    return name;
}

}  // namespace

SelfSigned make_self_signed(const std::string& common_name) {
    const KeyPtr key(EVP_EC_gen("P-384"));
    return signed_for(key.get(), common_name, -60, ten_years);
}

SelfSigned expired_twin(const SelfSigned& of) {
    constexpr long day = 24 * 60 * 60;
    const auto key = parse_key_pem(of.key_pem);
    return signed_for(key ? key->get() : nullptr, common_name_in(of.certificate_pem), -365 * day, -day);
}

std::string sha256_hex(std::string_view bytes) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
    return hex_text({reinterpret_cast<const char*>(digest), size});
}

std::string certificate_der(const std::string& pem) {
    const auto x509 = parse_certificate_pem(pem);
    if (!x509) return {};
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(x509->get(), &bytes);
    if (size <= 0) return {};
    std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    return der;
}

std::string certificate_pem(const std::string& der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    const X509Ptr x509(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
    if (!x509) return {};
    return certificate_text(*x509);
}

}  // namespace csim
