#include "manager/authority_keys.hpp"

#include "manager/openssl_handles.hpp"
#include "net/tls_identity.hpp"

#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <array>

namespace csim {
namespace {

constexpr const char* authority_name = "x_local_authority";
// Simulated worlds have their own clocks, so validity does not begin at the time of issue.
constexpr const char* valid_from = "20200101000000Z";
constexpr const char* valid_until = "21191208000000Z";  // 36,500 days later

KeyHandle make_rsa_key() {
    KeyHandle key(EVP_RSA_gen(2048));
    require(key != nullptr, "make an RSA key");
    return key;
}

/// Random, positive, of at most 63 bits: it fits 16 hexadecimal digits and any integer column.
/// Returns its text, two digits a byte without leading zero bytes.
std::string set_random_serial(X509* certificate) {
    std::array<unsigned char, 8> bytes{};
    do {
        require(RAND_bytes(bytes.data(), bytes.size()) == 1, "draw a random number");
        bytes[0] &= 0x7f;
    } while (bytes[0] == 0);
    const BignumHandle number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
    require(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr, "set a serial");
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (const unsigned char byte : bytes) {
        text.push_back(digits[byte >> 4]);
        text.push_back(digits[byte & 15]);
    }
    return text;
}

void set_name(X509* certificate, const std::string& name) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(name.data());
    const int added = X509_NAME_add_entry_by_txt(
        X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, bytes, static_cast<int>(name.size()), -1, 0
    );
    require(added == 1, "name a certificate");
}

/// Everything but subject, key, extensions and signature.
CertificateHandle blank_certificate(std::string& serial) {
    CertificateHandle certificate(X509_new());
    require(certificate != nullptr, "make a certificate");
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_TIME_set_string(X509_getm_notBefore(certificate.get()), valid_from);
    ASN1_TIME_set_string(X509_getm_notAfter(certificate.get()), valid_until);
    serial = set_random_serial(certificate.get());
    return certificate;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const ExtensionHandle extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    require(extension != nullptr, "make a certificate extension");
    require(X509_add_ext(certificate, extension.get(), -1) == 1, "extend a certificate");
}

bool is_address(const std::string& name) {
    const std::unique_ptr<ASN1_OCTET_STRING, OpensslFree<ASN1_OCTET_STRING_free>> address(
        a2i_IPADDRESS(name.c_str())
    );
    ERR_clear_error();
    return address != nullptr;
}

std::string alternative_names(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        if (name.find_first_of(", \n") != std::string::npos)
            throw Fatal("The server name " + name + " is no host name.");
        text += (text.empty() ? "" : ",") + std::string(is_address(name) ? "IP:" : "DNS:") + name;
    }
    return text;
}

}  // namespace

struct AuthorityKeys::Native {
    KeyHandle key;
    CertificateHandle certificate;
};

PemPair make_authority() {
    const KeyHandle key = make_rsa_key();
    std::string serial;
    const CertificateHandle certificate = blank_certificate(serial);
    set_name(certificate.get(), authority_name);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    X509_set_pubkey(certificate.get(), key.get());
    add_extension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate.get(), certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
    require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "sign the authority's certificate");
    return {key_text(*key), certificate_text(*certificate)};
}

AuthorityKeys::AuthorityKeys(const PemPair& authority) : native_(std::make_unique<Native>()) {
    const BioHandle key_bio = text_bio(authority.key);
    native_->key.reset(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
    const BioHandle certificate_bio = text_bio(authority.certificate);
    native_->certificate.reset(PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr));
    const bool readable = native_->key && native_->certificate;
    const bool fit = readable && X509_check_private_key(native_->certificate.get(), native_->key.get()) == 1;
    ERR_clear_error();
    if (!fit)
        throw Fatal(
            "The certificate authority is damaged: authority.pem and authority.crt do not belong together."
        );
}

AuthorityKeys::~AuthorityKeys() = default;

Result<SignedCertificate> AuthorityKeys::sign(const CertificateRequest& request) const {
    auto* native = static_cast<X509_REQ*>(const_cast<void*>(request.native.get()));
    EVP_PKEY* key = X509_REQ_get0_pubkey(native);
    if (X509_REQ_verify(native, key) != 1) {
        ERR_clear_error();
        return Error{Errc::refused, "the signature of the certificate request is wrong"};
    }
    SignedCertificate result;
    const CertificateHandle certificate = blank_certificate(result.serial);
    X509* issuer = native_->certificate.get();
    set_name(certificate.get(), request.common_name);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
    X509_set_pubkey(certificate.get(), key);
    add_extension(certificate.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), issuer, NID_ext_key_usage, "clientAuth");
    add_extension(certificate.get(), issuer, NID_authority_key_identifier, "keyid");
    require(X509_sign(certificate.get(), native_->key.get(), EVP_sha256()) > 0, "sign a certificate");
    result.pem = certificate_text(*certificate);
    while (result.pem.ends_with('\n')) result.pem.pop_back();
    return result;
}

PemPair AuthorityKeys::make_server_certificate(const std::vector<std::string>& names) const {
    const KeyHandle key = make_rsa_key();
    std::string serial;
    const CertificateHandle certificate = blank_certificate(serial);
    X509* issuer = native_->certificate.get();
    constexpr std::size_t common_name_max = 64;
    set_name(certificate.get(), names.front().substr(0, common_name_max));
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
    X509_set_pubkey(certificate.get(), key.get());
    add_extension(certificate.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), issuer, NID_key_usage, "critical,digitalSignature,keyEncipherment");
    add_extension(certificate.get(), issuer, NID_ext_key_usage, "serverAuth");
    add_extension(certificate.get(), issuer, NID_subject_key_identifier, "hash");
    add_extension(certificate.get(), issuer, NID_authority_key_identifier, "keyid");
    add_extension(certificate.get(), issuer, NID_subject_alt_name, alternative_names(names));
    require(
        X509_sign(certificate.get(), native_->key.get(), EVP_sha256()) > 0, "sign the server's certificate"
    );
    return {key_text(*key), certificate_text(*certificate)};
}

bool AuthorityKeys::server_certificate_covers(
    const std::string& certificate_pem, const std::vector<std::string>& names
) const {
    const BioHandle bio = text_bio(certificate_pem);
    const CertificateHandle certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    bool covers = certificate && X509_verify(certificate.get(), native_->key.get()) == 1;
    for (const std::string& name : names) {
        covers =
            covers && (is_address(name)
                           ? X509_check_ip_asc(certificate.get(), name.c_str(), 0) == 1
                           : X509_check_host(certificate.get(), name.data(), name.size(), 0, nullptr) == 1);
    }
    ERR_clear_error();
    return covers;
}

}  // namespace csim
