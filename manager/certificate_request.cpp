// Reads certificate requests that anybody may have sent.
#include "manager/authority_keys.hpp"
#include "manager/openssl_handles.hpp"

#include <algorithm>
#include <array>

namespace csim {
namespace {

constexpr std::size_t request_bytes_max = 16u << 10;
constexpr std::size_t name_bytes_max = 64;
constexpr int rsa_bits_min = 2048;
constexpr int rsa_bits_max = 8192;

Error wrong(const std::string& reason) {
    return {Errc::bad_argument, reason};
}

Result<std::string> only_common_name(const X509_REQ* request) {
    const X509_NAME* subject = X509_REQ_get_subject_name(request);
    if (X509_NAME_entry_count(subject) != 1)
        return wrong("the subject must have exactly one attribute, a CN");
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(subject, 0);
    if (OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)) != NID_commonName) {
        return wrong("the subject must have exactly one attribute, a CN");
    }
    unsigned char* bytes = nullptr;
    const int size = ASN1_STRING_to_UTF8(&bytes, X509_NAME_ENTRY_get_data(entry));
    if (size < 0) return wrong("the CN is no text");
    const std::string name(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    const bool printable = std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (name.empty() || name.size() > name_bytes_max || !printable) {
        return wrong("the CN must have 1 to 64 printable characters");
    }
    return name;
}

bool usable(EVP_PKEY* key) {
    if (EVP_PKEY_is_a(key, "RSA")) {
        const int bits = EVP_PKEY_get_bits(key);
        return bits >= rsa_bits_min && bits <= rsa_bits_max;
    }
    std::array<char, 32> group{};
    const bool named = EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1;
    return EVP_PKEY_is_a(key, "EC") && named && std::string_view(group.data()) == "prime256v1";
}

std::string fingerprint(EVP_PKEY* key) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    require(size > 0, "encode a public key");
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned digest_size = 0;
    const int made =
        EVP_Digest(der, static_cast<std::size_t>(size), digest.data(), &digest_size, EVP_sha256(), nullptr);
    OPENSSL_free(der);
    require(made == 1, "digest a public key");
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (unsigned i = 0; i < digest_size; ++i) {
        text.push_back(digits[digest[i] >> 4]);
        text.push_back(digits[digest[i] & 15]);
    }
    return text;
}

}  // namespace

Result<CertificateRequest> parse_certificate_request(const std::string& csr_pem) {
    if (csr_pem.size() > request_bytes_max) return wrong("the certificate request is too long");
    const BioHandle bio = text_bio(csr_pem);
    RequestHandle request(PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
    if (!request) return wrong("the text is no PKCS#10 request in PEM: " + openssl_reason());
    auto name = only_common_name(request.get());
    if (!name) return name.error();
    EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
    if (key == nullptr || !usable(key)) {
        ERR_clear_error();
        return wrong("the key must be of type P-256, or RSA of 2048 to 8192 bits");
    }
    CertificateRequest parsed;
    parsed.common_name = *std::move(name);
    parsed.key_fingerprint = fingerprint(key);
    parsed.native = std::shared_ptr<const void>(request.release(), [](const void* held) {
        X509_REQ_free(static_cast<X509_REQ*>(const_cast<void*>(held)));
    });
    return parsed;
}

}  // namespace csim
