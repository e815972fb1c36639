#include "agent_proto/identity.hpp"

#include "wire/p256_key.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace csim {
namespace {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Csr = std::unique_ptr<X509_REQ, Freed<X509_REQ_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Memory = std::unique_ptr<BIO, Freed<BIO_free_all>>;

Error openssl_error(const std::string& what) {
    char reason[256] = "no reason given";
    if (const unsigned long code = ERR_get_error()) ERR_error_string_n(code, reason, sizeof reason);
    ERR_clear_error();
    return Error{Errc::io, what + ": " + reason};
}

Memory reader(std::string_view text) {
    return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string written(BIO* memory) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    return std::string(text, static_cast<std::size_t>(std::max(size, 0L)));
}

/// Never asks a terminal for the password of an encrypted key.
int no_password(char*, int, int, void*) {
    return -1;
}

Result<Key> read_key(std::string_view key_pem) {
    Key key(PEM_read_bio_PrivateKey(reader(key_pem).get(), nullptr, no_password, nullptr));
    ERR_clear_error();
    if (!key) return Error{Errc::corrupt, "the private key is no unencrypted PEM key"};
    return key;
}

Result<Certificate> read_x509(std::string_view certificate_pem) {
    Certificate certificate(PEM_read_bio_X509(reader(certificate_pem).get(), nullptr, no_password, nullptr));
    ERR_clear_error();
    if (!certificate) return Error{Errc::corrupt, "the certificate is no PEM certificate"};
    return certificate;
}

Result<Key> make_key(KeyKind kind) {
    Key key(kind == KeyKind::rsa2048 ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
    if (!key) return openssl_error("cannot make a key");
    return key;
}

std::optional<P256Key> p256_of(EVP_PKEY* key) {
    P256Key bytes;
    std::size_t size = 0;
    BIGNUM* secret = nullptr;
    char curve[32] = "";
    const bool read =
        EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_group_name(key, curve, sizeof curve, nullptr) == 1 &&
        std::string_view(curve) == "prime256v1" &&
        EVP_PKEY_get_octet_string_param(
            key, OSSL_PKEY_PARAM_PUB_KEY, bytes.point.data(), bytes.point.size(), &size
        ) == 1 &&
        size == bytes.point.size() && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &secret) == 1 &&
        BN_bn2binpad(secret, bytes.secret.data(), static_cast<int>(bytes.secret.size())) > 0;
    BN_clear_free(secret);
    ERR_clear_error();
    return read ? std::optional(bytes) : std::nullopt;
}

Result<std::string> key_text(EVP_PKEY* key) {
    const Memory memory(BIO_new(BIO_s_mem()));
    int done = 0;
    if (const auto bytes = p256_of(key)) {
        const std::string der = write_pkcs8(*bytes);
        const auto* data = reinterpret_cast<const unsigned char*>(der.data());
        done = PEM_write_bio(memory.get(), PEM_STRING_PKCS8INF, "", data, static_cast<long>(der.size())) > 0;
    } else {
        done = PEM_write_bio_PKCS8PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    }
    if (done != 1) return openssl_error("cannot write a key");
    return written(memory.get());
}

/// OpenSSL's own way encodes the key and decodes it again, which takes longer than making it.
bool set_public_key(X509_REQ* csr, EVP_PKEY* key) {
    const auto bytes = p256_of(key);
    if (!bytes) return X509_REQ_set_pubkey(csr, key) == 1;
    void* point = OPENSSL_memdup(bytes->point.data(), bytes->point.size());
    const bool set =
        point != nullptr && X509_PUBKEY_set0_param(
                                X509_REQ_get_X509_PUBKEY(csr), OBJ_nid2obj(NID_X9_62_id_ecPublicKey),
                                V_ASN1_OBJECT, OBJ_nid2obj(NID_X9_62_prime256v1),
                                static_cast<unsigned char*>(point), static_cast<int>(bytes->point.size())
                            ) == 1;
    if (!set) OPENSSL_free(point);
    return set;
}

bool name_subject(X509_REQ* csr, std::string_view fqdn) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(fqdn.data());
    const int size = static_cast<int>(fqdn.size());
    X509_NAME* subject = X509_REQ_get_subject_name(csr);
    return X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_ASC, bytes, size, -1, 0) == 1;
}

Result<std::string> csr_text(std::string_view fqdn, EVP_PKEY* key) {
    const Csr csr(X509_REQ_new());
    const Memory memory(BIO_new(BIO_s_mem()));
    const bool made = csr && X509_REQ_set_version(csr.get(), 0) == 1 && name_subject(csr.get(), fqdn) &&
                      set_public_key(csr.get(), key) && X509_REQ_sign(csr.get(), key, EVP_sha256()) > 0 &&
                      PEM_write_bio_X509_REQ(memory.get(), csr.get()) == 1;
    if (!made) return openssl_error("cannot make a certificate request for " + std::string(fqdn));
    std::string text = written(memory.get());
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

std::string serial_text(const ASN1_INTEGER* serial) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const unsigned char* bytes = ASN1_STRING_get0_data(serial);
    const int size = ASN1_STRING_length(serial);
    std::string text;
    for (int at = 0; at < size; ++at) {
        if (text.empty() && bytes[at] == 0) continue;
        text.push_back(digits[bytes[at] >> 4]);
        text.push_back(digits[bytes[at] & 15]);
    }
    return text.empty() ? "00" : text;
}

std::string common_name(const X509_NAME* subject) {
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0) return {};
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size < 0) return {};
    std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
    return text;
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
}

}  // namespace

Result<Nothing> check_fqdn(std::string_view fqdn) {
    const std::string name(fqdn);
    if (fqdn.empty()) return Error{Errc::bad_argument, "the host has no name; give it one"};
    if (fqdn.size() > fqdn_bytes_max) {
        return Error{
            Errc::bad_argument, "the host name " + name + " has " + std::to_string(fqdn.size()) +
                                    " characters, but a certificate takes at most 64; choose a shorter one"};
    }
    if (!std::all_of(fqdn.begin(), fqdn.end(), is_name_character)) {
        return Error{
            Errc::bad_argument,
            "the host name '" + name + "' may hold only letters, digits, '-', '_' and '.'"};
    }
    if (fqdn == "localhost.localdomain") {
        return Error{
            Errc::bad_argument,
            "a host named localhost.localdomain cannot register; give it a name of its own"};
    }
    return Nothing{};
}

Result<Identity> make_identity(std::string_view fqdn, KeyKind kind) {
    const auto checked = check_fqdn(fqdn);
    if (!checked) return checked.error();
    const auto key = make_key(kind);
    if (!key) return key.error();
    auto key_pem = key_text(key->get());
    if (!key_pem) return key_pem.error();
    auto csr_pem = csr_text(fqdn, key->get());
    if (!csr_pem) return csr_pem.error();
    return Identity{*std::move(key_pem), *std::move(csr_pem)};
}

Result<std::string> make_csr(std::string_view fqdn, std::string_view key_pem) {
    const auto checked = check_fqdn(fqdn);
    if (!checked) return checked.error();
    const auto key = read_key(key_pem);
    if (!key) return key.error();
    return csr_text(fqdn, key->get());
}

Result<CertificateFacts> read_certificate(std::string_view certificate_pem) {
    const auto certificate = read_x509(certificate_pem);
    if (!certificate) return certificate.error();
    return CertificateFacts{
        serial_text(X509_get0_serialNumber(certificate->get())),
        common_name(X509_get_subject_name(certificate->get()))};
}

Result<Nothing> check_certificate(std::string_view certificate_pem, std::string_view key_pem) {
    const auto certificate = read_x509(certificate_pem);
    if (!certificate) return certificate.error();
    const auto key = read_key(key_pem);
    if (!key) return key.error();
    const bool same = X509_check_private_key(certificate->get(), key->get()) == 1;
    ERR_clear_error();
    if (!same) return Error{Errc::conflict, "the certificate was issued for another key"};
    return Nothing{};
}

}  // namespace csim
