// The certificate authority against requests made by OpenSSL itself.
#include "core/json.hpp"
#include "core/work_queue.hpp"
#include "manager/authority_keys.hpp"
#include "manager/certificate_authority.hpp"
#include "manager/openssl_handles.hpp"
#include "manager/signing_pool.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>

namespace csim {
namespace {

struct Subject {
    const char* attribute;
    std::string value;
};

KeyHandle p256() {
    return KeyHandle(EVP_EC_gen("P-256"));
}

std::string request_text(
    EVP_PKEY* key, const std::vector<Subject>& subject, EVP_PKEY* signing_key = nullptr
) {
    const RequestHandle request(X509_REQ_new());
    for (const Subject& part : subject) {
        const auto* bytes = reinterpret_cast<const unsigned char*>(part.value.data());
        X509_NAME_add_entry_by_txt(
            X509_REQ_get_subject_name(request.get()), part.attribute, MBSTRING_UTF8, bytes,
            static_cast<int>(part.value.size()), -1, 0
        );
    }
    X509_REQ_set_pubkey(request.get(), key);
    X509_REQ_sign(request.get(), signing_key != nullptr ? signing_key : key, EVP_sha256());
    const BioHandle bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509_REQ(bio.get(), request.get());
    return bio_text(bio.get());
}

CertificateHandle read_certificate(const std::string& pem) {
    const BioHandle bio = text_bio(pem);
    return CertificateHandle(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

bool verifies(const std::string& pem, const std::string& authority, int purpose) {
    const std::unique_ptr<X509_STORE, OpensslFree<X509_STORE_free>> trusted(X509_STORE_new());
    X509_STORE_add_cert(trusted.get(), read_certificate(authority).get());
    const CertificateHandle certificate = read_certificate(pem);
    const std::unique_ptr<X509_STORE_CTX, OpensslFree<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
    X509_STORE_CTX_init(context.get(), trusted.get(), certificate.get(), nullptr);
    X509_STORE_CTX_set_purpose(context.get(), purpose);
    X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT);
    return X509_verify_cert(context.get()) == 1;
}

std::string serial_text(const std::string& pem) {
    const CertificateHandle certificate = read_certificate(pem);
    const BignumHandle number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate.get()), nullptr));
    char* digits = BN_bn2hex(number.get());
    const std::string text = digits;
    OPENSSL_free(digits);
    return text;
}

struct AuthorityFixture {
    WorkQueue inbox;
    std::unique_ptr<StateStore> store = memory_store();
    AuthorityOptions options{{"manager.example.com"}, 0};
    CertificateAuthority authority{*store, inbox, options};

    Result<SignedCertificate> sign(const std::string& csr) {
        auto request = authority.parse(csr);
        if (!request) return request.error();
        std::optional<Result<SignedCertificate>> result;
        authority.sign(*request, [&](Result<SignedCertificate> made) { result = std::move(made); });
        return *result;
    }
};

}  // namespace

TEST_SUITE_BEGIN("manager/agent_side_authority");

TEST_CASE_FIXTURE(AuthorityFixture, "a P-256 and an RSA request become client certificates that verify") {
    const KeyHandle rsa(EVP_RSA_gen(2048));
    const KeyHandle ec = p256();
    for (EVP_PKEY* key : {rsa.get(), ec.get()}) {
        const auto certificate = sign(request_text(key, {{"CN", "oss1.example.com"}}));
        REQUIRE(certificate.has_value());
        CHECK(verifies(certificate->pem, authority.authority_certificate(), X509_PURPOSE_SSL_CLIENT));
        CHECK(serial_text(certificate->pem) == certificate->serial);
        CHECK(certificate->pem.ends_with("-----END CERTIFICATE-----"));
        CHECK(X509_check_private_key(read_certificate(certificate->pem).get(), key) == 1);
    }
}

TEST_CASE_FIXTURE(AuthorityFixture, "serials are unique and positive and of at most 63 bits") {
    const KeyHandle key = p256();
    const std::string csr = request_text(key.get(), {{"CN", "oss1"}});
    std::set<std::string> serials;
    for (int i = 0; i < 50; ++i) serials.insert(sign(csr)->serial);
    CHECK(serials.size() == 50);
    for (const std::string& serial : serials) {
        CHECK(serial.size() == 16);
        CHECK(serial.front() < '8');
        CHECK(serial.substr(0, 2) != "00");
    }
}

TEST_CASE_FIXTURE(AuthorityFixture, "requests that are not exactly one name with a good key are refused") {
    const KeyHandle key = p256();
    const KeyHandle other = p256();
    const KeyHandle weak(EVP_RSA_gen(1024));
    const KeyHandle curve(EVP_EC_gen("P-384"));
    const Subject good{"CN", "oss1.example.com"};
    const std::string cases[] = {
        "",
        "-----BEGIN CERTIFICATE REQUEST-----\nMIIC\n-----END CERTIFICATE REQUEST-----",
        std::string(20'000, 'A'),
        request_text(key.get(), {}),
        request_text(key.get(), {good, {"O", "Example"}}),
        request_text(key.get(), {good, good}),
        request_text(key.get(), {{"O", "oss1.example.com"}}),
        request_text(key.get(), {{"CN", "oss1 example"}}),
        request_text(key.get(), {{"CN", std::string("oss1\0evil", 9)}}),
        request_text(weak.get(), {good}),
        request_text(curve.get(), {good}),
        request_text(key.get(), {good}, other.get()),
    };
    for (const std::string& csr : cases) {
        CAPTURE(csr.substr(0, 200));
        CHECK(!sign(csr).has_value());
    }
    std::string damaged = request_text(key.get(), {good});
    for (std::size_t i = 30; i + 30 < damaged.size(); i += 7) {
        std::string text = damaged;
        text[i] = text[i] == 'A' ? 'B' : 'A';
        sign(text);
    }
}

TEST_CASE_FIXTURE(AuthorityFixture, "the same key has the same fingerprint in every request") {
    const KeyHandle key = p256();
    const auto first = authority.parse(request_text(key.get(), {{"CN", "a"}}));
    const auto second = authority.parse(request_text(key.get(), {{"CN", "b"}}));
    const auto third = authority.parse(request_text(p256().get(), {{"CN", "a"}}));
    CHECK(first->key_fingerprint == second->key_fingerprint);
    CHECK(first->key_fingerprint != third->key_fingerprint);
    CHECK(first->key_fingerprint.size() == 64);
}

TEST_CASE_FIXTURE(AuthorityFixture, "the server certificate is for its names and survives a restart") {
    CHECK(verifies(authority.server_certificate(), authority.authority_certificate(), X509_PURPOSE_SSL_SERVER)
    );
    const CertificateHandle server = read_certificate(authority.server_certificate());
    for (const std::string name : {"manager.example.com", "localhost"}) {
        CHECK(X509_check_host(server.get(), name.data(), name.size(), 0, nullptr) == 1);
    }
    CHECK(X509_check_ip_asc(server.get(), "127.0.0.1", 0) == 1);
    CHECK(X509_check_host(server.get(), "other.example.com", 17, 0, nullptr) == 0);

    const CertificateAuthority same(*store, inbox, options);
    CHECK(same.authority_certificate() == authority.authority_certificate());
    CHECK(same.server_certificate() == authority.server_certificate());
    CHECK(same.server_key() == authority.server_key());

    const CertificateAuthority renamed(*store, inbox, {{"other.example.com"}, 0});
    CHECK(renamed.authority_certificate() == authority.authority_certificate());
    CHECK(renamed.server_certificate() != authority.server_certificate());
}

TEST_CASE_FIXTURE(AuthorityFixture, "a damaged authority is refused with a sentence") {
    const auto other = memory_store();
    const CertificateAuthority foreign(*other, inbox, options);
    store->put({"authority.crt", ""}, Json(foreign.authority_certificate()));
    CHECK_THROWS_AS(CertificateAuthority(*store, inbox, options), Fatal);
    store->erase({"authority.crt", ""});
    CHECK_THROWS_AS(CertificateAuthority(*store, inbox, options), Fatal);
}

TEST_CASE_FIXTURE(AuthorityFixture, "signatures made on other threads come back on the world's") {
    CertificateAuthority pooled(*store, inbox, {{"manager.example.com"}, 2});
    const KeyHandle key = p256();
    const auto request = pooled.parse(request_text(key.get(), {{"CN", "oss1"}}));
    int done = 0;
    for (int i = 0; i < 20; ++i) {
        pooled.sign(*request, [&](Result<SignedCertificate> made) { done += made.has_value() ? 1 : 0; });
    }
    CHECK(done == 0);
    for (int i = 0; i < 20; ++i) inbox.run_one();
    CHECK(done == 20);
}

TEST_CASE("a pool that goes away answers nobody") {
    WorkQueue inbox;
    bool answered = false;
    {
        SigningPool pool(inbox, 1);
        pool.run([] { return SignedCertificate{}; }, [&](Result<SignedCertificate>) { answered = true; });
        pool.run([] { return SignedCertificate{}; }, [&](Result<SignedCertificate>) { answered = true; });
    }
    inbox.post([] {});
    inbox.run_one();
    CHECK(!answered);
}

TEST_SUITE_END();

}  // namespace csim
