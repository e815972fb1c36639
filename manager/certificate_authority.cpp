#include "manager/certificate_authority.hpp"

#include "manager/authority_keys.hpp"
#include "manager/signing_pool.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace csim {
namespace {

std::optional<std::string> load_text(StateStore& store, const char* document) {
    const auto json = store.load({document, ""});
    if (!json) return std::nullopt;
    if (!json->is_string())
        throw Fatal(std::string("The document ") + document + " is no PEM text; remove it or restore it.");
    return json->get<std::string>();
}

struct StoredPair {
    PemPair pem;
    bool made = false;
};

StoredPair load_or_make_authority(StateStore& store) {
    auto key = load_text(store, "authority.pem");
    auto certificate = load_text(store, "authority.crt");
    if (key && certificate) return {{*std::move(key), *std::move(certificate)}, false};
    if (key || certificate) {
        throw Fatal("Of authority.pem and authority.crt only one is there; restore the other or remove both."
        );
    }
    StoredPair made{make_authority(), true};
    store.put({"authority.pem", ""}, Json(made.pem.key));
    store.put({"authority.crt", ""}, Json(made.pem.certificate));
    return made;
}

/// Names that every server certificate covers, after the asked ones, each once.
std::vector<std::string> all_names(std::vector<std::string> names) {
    for (const char* name : {"localhost", "127.0.0.1"}) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
    }
    return names;
}

}  // namespace

struct CertificateAuthority::Impl {
    Impl(PemPair own, Inbox& inbox, std::size_t threads)
        : authority(std::move(own)), keys(authority), pool(inbox, threads) {}

    PemPair authority;
    AuthorityKeys keys;
    PemPair server;
    SigningPool pool;  ///< last: its threads use the others
};

CertificateAuthority::CertificateAuthority(StateStore& store, Inbox& inbox, AuthorityOptions options) {
    StoredPair authority = load_or_make_authority(store);
    impl_ = std::make_unique<Impl>(std::move(authority.pem), inbox, options.threads);
    const auto names = all_names(options.server_names);
    auto key = load_text(store, "manager.pem");
    auto certificate = load_text(store, "manager.crt");
    const bool usable =
        !authority.made && key && certificate && impl_->keys.server_certificate_covers(*certificate, names);
    if (usable) {
        impl_->server = {*std::move(key), *std::move(certificate)};
        return;
    }
    impl_->server = impl_->keys.make_server_certificate(names);
    store.put({"manager.pem", ""}, Json(impl_->server.key));
    store.put({"manager.crt", ""}, Json(impl_->server.certificate));
}

CertificateAuthority::~CertificateAuthority() = default;

Result<CertificateRequest> CertificateAuthority::parse(const std::string& csr_pem) const {
    return parse_certificate_request(csr_pem);
}

void CertificateAuthority::sign(
    const CertificateRequest& request, UniqueFunction<void(Result<SignedCertificate>)> done
) {
    const AuthorityKeys& keys = impl_->keys;
    impl_->pool.run([&keys, request] { return keys.sign(request); }, std::move(done));
}

const std::string& CertificateAuthority::authority_certificate() const {
    return impl_->authority.certificate;
}

const std::string& CertificateAuthority::server_key() const {
    return impl_->server.key;
}

const std::string& CertificateAuthority::server_certificate() const {
    return impl_->server.certificate;
}

}  // namespace csim
