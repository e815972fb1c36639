#include "tests/agent_proto/test_authority.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cassert>

namespace csim {
namespace {

void set_serial(X509* certificate, const std::string& serial) {
    BIGNUM* number = nullptr;
    BN_hex2bn(&number, serial.c_str());
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
}

}  // namespace

std::string issue_certificate(const Identity& identity, const std::string& serial) {
    BIO* key_text = BIO_new_mem_buf(identity.key_pem.data(), static_cast<int>(identity.key_pem.size()));
    EVP_PKEY* key = PEM_read_bio_PrivateKey(key_text, nullptr, nullptr, nullptr);
    BIO* csr_text = BIO_new_mem_buf(identity.csr_pem.data(), static_cast<int>(identity.csr_pem.size()));
    X509_REQ* csr = PEM_read_bio_X509_REQ(csr_text, nullptr, nullptr, nullptr);
    X509* certificate = X509_new();
    assert(key && csr && certificate);
    set_serial(certificate, serial);
    X509_set_subject_name(certificate, X509_REQ_get_subject_name(csr));
    X509_set_issuer_name(certificate, X509_REQ_get_subject_name(csr));
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, X509_REQ_get0_pubkey(csr));
    X509_sign(certificate, key, EVP_sha256());
    BIO* memory = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(memory, certificate);
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    const std::string pem(text, static_cast<std::size_t>(size));
    BIO_free_all(memory);
    BIO_free_all(key_text);
    BIO_free_all(csr_text);
    X509_free(certificate);
    X509_REQ_free(csr);
    EVP_PKEY_free(key);
    return pem;
}

}  // namespace csim
