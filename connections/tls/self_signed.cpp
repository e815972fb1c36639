// A certificate made on the spot, for a server of ours that was given none.
#include "connections/tls/contexts.hpp"
#include "net/tls_identity.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace csim::connections {
namespace {

constexpr long day = 24 * 60 * 60;

void add_extension(X509* x509, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, x509, x509, nullptr, nullptr, 0);
    X509_EXTENSION* made = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    X509_add_ext(x509, made, -1);
    X509_EXTENSION_free(made);
}

}  // namespace

PemTexts self_signed_server(int days) {
    const KeyPtr key(EVP_EC_gen("P-256"));
    const X509Ptr x509(X509_new());
    X509_set_version(x509.get(), 2);
    std::uint8_t serial[8];
    RAND_bytes(serial, sizeof serial);
    std::uint64_t number = 0;
    for (const std::uint8_t each : serial) number = number << 8 | each;
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509.get()), number >> 1);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), -40 * day);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), days * day);
    X509_NAME* name = X509_get_subject_name(x509.get());
    const auto* word = reinterpret_cast<const unsigned char*>("localhost");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, word, -1, -1, 0);
    X509_set_issuer_name(x509.get(), name);
    X509_set_pubkey(x509.get(), key.get());
    add_extension(x509.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1");
    add_extension(x509.get(), NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(x509.get(), key.get(), EVP_sha256());
    return {certificate_text(*x509), key_text(*key)};
}

}  // namespace csim::connections
