// Keys, requests and certificates.
#include "agent_proto/identity.hpp"

#include "agent_proto/key_maker.hpp"
#include "core/work_queue.hpp"
#include "tests/agent_proto/test_authority.hpp"

#include <doctest/doctest.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

TEST_SUITE_BEGIN("agent_proto/identity");

namespace csim {
namespace {

struct ParsedCsr {
    explicit ParsedCsr(const std::string& pem) {
        BIO* memory = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
        csr = PEM_read_bio_X509_REQ(memory, nullptr, nullptr, nullptr);
        BIO_free_all(memory);
        REQUIRE(csr != nullptr);
    }
    ~ParsedCsr() { X509_REQ_free(csr); }
    X509_REQ* csr = nullptr;
};

}  // namespace

TEST_CASE("a request has exactly the common name and is signed with its key") {
    for (const KeyKind kind : {KeyKind::p256, KeyKind::rsa2048}) {
        const auto identity = make_identity("oss1.example.com", kind);
        REQUIRE(identity.has_value());
        CHECK(identity->csr_pem.rfind("-----BEGIN CERTIFICATE REQUEST-----\n", 0) == 0);
        CHECK(identity->csr_pem.back() == '-');
        const ParsedCsr parsed(identity->csr_pem);
        const X509_NAME* subject = X509_REQ_get_subject_name(parsed.csr);
        REQUIRE(X509_NAME_entry_count(subject) == 1);
        const X509_NAME_ENTRY* entry = X509_NAME_get_entry(subject, 0);
        CHECK(OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)) == NID_commonName);
        const ASN1_STRING* name = X509_NAME_ENTRY_get_data(entry);
        CHECK(
            std::string(
                reinterpret_cast<const char*>(ASN1_STRING_get0_data(name)), ASN1_STRING_length(name)
            ) == "oss1.example.com"
        );
        CHECK(X509_REQ_get_attr_count(parsed.csr) == 0);
        EVP_PKEY* key = X509_REQ_get0_pubkey(parsed.csr);
        CHECK(X509_REQ_verify(parsed.csr, key) == 1);
        CHECK(EVP_PKEY_get_bits(key) == (kind == KeyKind::p256 ? 256 : 2048));
        BIO* memory = BIO_new_mem_buf(identity->key_pem.data(), static_cast<int>(identity->key_pem.size()));
        EVP_PKEY* own = PEM_read_bio_PrivateKey(memory, nullptr, nullptr, nullptr);
        BIO_free(memory);
        REQUIRE(own != nullptr);
        CHECK(EVP_PKEY_eq(own, key) == 1);
        EVP_PKEY_free(own);
    }
}

TEST_CASE("names that cannot register are refused with a reason") {
    struct Case {
        std::string fqdn;
        const char* says;
    };
    for (const Case& c :
         {Case{std::string(65, 'a'), "65 characters"}, Case{"", "no name"},
          Case{"localhost.localdomain", "localhost.localdomain"}, Case{"a b", "letters"},
          Case{"a/b", "letters"}, Case{std::string("a\0b", 3), "letters"}, Case{"caf\xc3\xa9", "letters"}}) {
        const auto identity = make_identity(c.fqdn, KeyKind::p256);
        REQUIRE(identity.has_error());
        CHECK(identity.error().code == Errc::bad_argument);
        CHECK(identity.error().detail.find(c.says) != std::string::npos);
    }
    CHECK(check_fqdn(std::string(64, 'a')).has_value());
    CHECK(make_identity(std::string(64, 'a'), KeyKind::p256).has_value());
}

TEST_CASE("a key makes further requests") {
    const auto identity = make_identity("oss1.example.com", KeyKind::p256);
    REQUIRE(identity.has_value());
    const auto csr = make_csr("oss2.example.com", identity->key_pem);
    REQUIRE(csr.has_value());
    const ParsedCsr first(identity->csr_pem);
    const ParsedCsr second(*csr);
    CHECK(EVP_PKEY_eq(X509_REQ_get0_pubkey(first.csr), X509_REQ_get0_pubkey(second.csr)) == 1);
    CHECK(make_csr("oss2.example.com", "no key").error().code == Errc::corrupt);
}

TEST_CASE("serials are upper-case bytes without a leading zero byte") {
    const auto identity = make_identity("oss1.example.com", KeyKind::p256);
    REQUIRE(identity.has_value());
    for (const char* serial :
         {"296C5C5D455A8A33", "0A", "0F00", "80", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"}) {
        const auto facts = read_certificate(issue_certificate(*identity, serial));
        REQUIRE(facts.has_value());
        CHECK(facts->serial == serial);
        CHECK(facts->common_name == "oss1.example.com");
    }
}

TEST_CASE("a certificate belongs to one key") {
    const auto mine = make_identity("oss1.example.com", KeyKind::p256);
    const auto other = make_identity("oss2.example.com", KeyKind::p256);
    REQUIRE(mine.has_value());
    REQUIRE(other.has_value());
    const std::string certificate = issue_certificate(*mine, "11");
    CHECK(check_certificate(certificate, mine->key_pem).has_value());
    CHECK(check_certificate(certificate, other->key_pem).error().code == Errc::conflict);
    CHECK(check_certificate("nonsense", mine->key_pem).error().code == Errc::corrupt);
    CHECK(check_certificate(certificate, "nonsense").error().code == Errc::corrupt);
    CHECK(read_certificate("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").has_error());
}

// Proves: defect 27.
TEST_CASE("a key maker hands every identity to the world's thread") {
    WorkQueue inbox;
    KeyMaker maker(inbox, 3);
    const auto thread = std::this_thread::get_id();
    std::set<std::string> keys;
    std::size_t refused = 0;
    for (int host = 0; host < 20; ++host) {
        const std::string fqdn = host == 7 ? "localhost.localdomain" : "oss" + std::to_string(host);
        maker.make(fqdn, KeyKind::p256, [&, thread](Result<Identity> identity) {
            CHECK(std::this_thread::get_id() == thread);
            if (identity) keys.insert(identity->key_pem);
            refused += identity.has_error();
        });
    }
    CHECK(maker.pending() == 20);
    for (int host = 0; host < 20; ++host) inbox.run_one();
    CHECK(maker.pending() == 0);
    CHECK(keys.size() == 19);
    CHECK(refused == 1);
}

TEST_CASE("a key maker that ends calls nobody back") {
    WorkQueue inbox;
    bool called = false;
    {
        KeyMaker maker(inbox, 2);
        for (int host = 0; host < 50; ++host) {
            maker.make("oss" + std::to_string(host), KeyKind::p256, [&](const Result<Identity>&) {
                called = true;
            });
        }
    }
    inbox.run();
    CHECK_FALSE(called);
}

}  // namespace csim
