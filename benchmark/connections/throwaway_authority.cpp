#include "benchmark/connections/throwaway_authority.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace csim {
namespace {

constexpr long day = 24 * 60 * 60;

void set_name(X509_NAME* into, const std::string& name) {
    X509_NAME_add_entry_by_txt(
        into, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0
    );
}

X509Ptr sign(
    EVP_PKEY* subject, const std::string& name, const std::string& issuer, EVP_PKEY* by, long serial, int days
) {
    X509Ptr x509(X509_new());
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), -2 * day);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), days * day);
    set_name(X509_get_subject_name(x509.get()), name);
    set_name(X509_get_issuer_name(x509.get()), issuer);
    X509_set_pubkey(x509.get(), subject);
    X509_sign(x509.get(), by, EVP_sha256());
    return x509;
}

std::string common_name(const X509* x509) {
    char text[128] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(x509), NID_commonName, text, sizeof text);
    return text;
}

}  // namespace

ThrowawayAuthority::ThrowawayAuthority(const std::string& name)
    : key_(EVP_RSA_gen(2048)), certificate_(sign(key_.get(), name, name, key_.get(), 1, 1)) {}

ThrowawayPair ThrowawayAuthority::issue(KeyPtr key, const std::string& name, long serial, int days_left)
    const {
    const X509Ptr x509 =
        sign(key.get(), name, common_name(certificate_.get()), key_.get(), serial, days_left);
    return {key_text(*key), certificate_text(*x509)};
}

ThrowawayPair ThrowawayAuthority::server(const std::string& name) const {
    return issue(KeyPtr(EVP_RSA_gen(2048)), name, 2, 1);
}

ThrowawayPair ThrowawayAuthority::client(const std::string& name, long serial, int days_left) const {
    return issue(KeyPtr(EVP_EC_gen("P-256")), name, serial, days_left);
}

std::string ThrowawayAuthority::certificate_pem() const {
    return certificate_text(*certificate_);
}

}  // namespace csim
