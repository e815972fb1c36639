#include "sim/credential_store.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace csim {
namespace {

constexpr std::string_view folder_suffix = "_crypto/";
constexpr std::string_view certificate_file = "self.crt";

EntryName key_name(const std::string& fqdn) {
    return {fqdn + "_crypto/private.pem", ""};
}
EntryName certificate_name(const std::string& fqdn) {
    return {fqdn + "_crypto/self.crt", ""};
}

std::optional<std::string> text(const StateStore& store, const EntryName& name) {
    const auto value = store.load(name);
    if (!value || !value->is_string()) return std::nullopt;
    return value->get<std::string>();
}

}  // namespace

CredentialStore::CredentialStore(Documents& documents) : store_(documents.store()) {
    for (const std::string& name : store_.documents("")) {
        const std::size_t end = name.find(folder_suffix);
        if (end == std::string::npos || name.substr(end + folder_suffix.size()) != certificate_file) continue;
        registered_.insert(name.substr(0, end));
    }
}

std::optional<Credentials> CredentialStore::find(const std::string& fqdn) const {
    if (!registered(fqdn)) return std::nullopt;
    auto private_key = text(store_, key_name(fqdn));
    auto certificate = text(store_, certificate_name(fqdn));
    if (!private_key || !certificate) return std::nullopt;
    return Credentials{std::move(*private_key), std::move(*certificate)};
}

std::optional<std::string> CredentialStore::key(const std::string& fqdn) const {
    return text(store_, key_name(fqdn));
}

void CredentialStore::put_key(const std::string& fqdn, const std::string& key_pem) {
    store_.put(key_name(fqdn), Json(key_pem));
}

void CredentialStore::put_certificate(const std::string& fqdn, const std::string& certificate_pem) {
    store_.put(certificate_name(fqdn), Json(certificate_pem));
    registered_.insert(fqdn);
}

void CredentialStore::erase(const std::string& fqdn) {
    store_.erase(key_name(fqdn));
    store_.erase(certificate_name(fqdn));
    registered_.erase(fqdn);
}

}  // namespace csim
