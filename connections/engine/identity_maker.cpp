#include "connections/engine/identity_maker.hpp"

#include "core/result.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <sstream>

namespace csim::connections {
namespace {

constexpr long hour = 60 * 60;
constexpr long day = 24 * hour;

std::string contents(const std::string& name) {
    std::ifstream file(name, std::ios::binary);
    if (!file) throw Fatal("cannot read " + name + ": give a PEM file", 2);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

struct FreeBignum {
    void operator()(BIGNUM* each) const { BN_clear_free(each); }
};
using Bignum = std::unique_ptr<BIGNUM, FreeBignum>;

/// Below the order of P-256 but for one seed in 2^32, where the top bit is cleared for good.
Bignum scalar_of(const std::string& seed, std::uint64_t index) {
    const std::string name = "identity " + std::to_string(index);
    std::uint8_t bytes[32];
    unsigned int size = 0;
    HMAC(
        EVP_sha256(), seed.data(), static_cast<int>(seed.size()),
        reinterpret_cast<const std::uint8_t*>(name.data()), name.size(), bytes, &size
    );
    bytes[0] &= 0x7f;
    bytes[31] |= 1;
    return Bignum(BN_bin2bn(bytes, sizeof bytes, nullptr));
}

/// The key with this private part, without a detour through encoded forms, which cost half a millisecond.
KeyPtr key_of(const BIGNUM* scalar) {
    static EC_GROUP* const group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT* point = EC_POINT_new(group);
    EC_POINT_mul(group, point, scalar, nullptr, nullptr, nullptr);
    std::uint8_t encoded[65];
    EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, encoded, sizeof encoded, nullptr);
    EC_POINT_free(point);
    OSSL_PARAM_BLD* build = OSSL_PARAM_BLD_new();
    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, scalar);
    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, encoded, sizeof encoded);
    OSSL_PARAM* parameters = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
    EVP_PKEY* made = nullptr;
    EVP_PKEY_fromdata_init(context);
    EVP_PKEY_fromdata(context, &made, EVP_PKEY_KEYPAIR, parameters);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(build);
    return KeyPtr(made);
}

void add_extension(X509* x509, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
    X509_EXTENSION* made = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    X509_add_ext(x509, made, -1);
    X509_EXTENSION_free(made);
}

}  // namespace

IdentityMaker::IdentityMaker(
    const std::string& certificate_file, const std::string& key_file, std::uint64_t seed
)
    : seed_("cluster-sim " + std::to_string(seed)) {
    auto certificate = parse_certificate_pem(contents(certificate_file));
    auto key = parse_key_pem(contents(key_file));
    if (!certificate) throw Fatal(certificate_file + ": " + certificate.error().detail, 2);
    if (!key) throw Fatal(key_file + ": " + key.error().detail, 2);
    authority_ = std::move(*certificate);
    authority_key_ = std::move(*key);
    if (X509_check_private_key(authority_.get(), authority_key_.get()) == 1) return;
    ERR_clear_error();
    throw Fatal("the key in " + key_file + " does not belong to the certificate in " + certificate_file, 2);
}

IdentityMaker::Identity IdentityMaker::make(std::uint64_t index) const {
    Identity made{X509Ptr(X509_new()), key_of(scalar_of(seed_, index).get())};
    X509* x509 = made.certificate.get();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), index + 1000);
    X509_gmtime_adj(X509_getm_notBefore(x509), -hour);
    X509_gmtime_adj(X509_getm_notAfter(x509), 30 * day);
    std::string name = std::to_string(index);
    name = "client-" + std::string(name.size() < 6 ? 6 - name.size() : 0, '0') + name;
    const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8, text, -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(authority_.get()));
    X509_set_pubkey(x509, made.key.get());
    add_extension(x509, authority_.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(x509, authority_.get(), NID_key_usage, "digitalSignature");
    add_extension(x509, authority_.get(), NID_ext_key_usage, "clientAuth");
    X509_sign(x509, authority_key_.get(), EVP_sha256());
    return made;
}

bool IdentityMaker::present(SSL* ssl, std::uint64_t index) const {
    const Identity identity = make(index);
    const bool set = SSL_use_certificate(ssl, identity.certificate.get()) == 1 &&
                     SSL_use_PrivateKey(ssl, identity.key.get()) == 1;
    ERR_clear_error();
    return set;
}

}  // namespace csim::connections
