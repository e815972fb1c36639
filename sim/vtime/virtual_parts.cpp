#include "sim/vtime/virtual_parts.hpp"

#include "manager/plain_signer.hpp"
#include "state/document_name.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace csim {

void PlainIdentities::make(std::string fqdn, KeyKind, Done done) {
    const auto valid = check_fqdn(fqdn);
    Identity identity;
    identity.key_pem = fqdn + "/" + std::to_string(++made_);
    identity.csr_pem = plain_request(fqdn, identity.key_pem);
    Result<Identity> made = valid ? Result<Identity>(std::move(identity)) : valid.error();
    timeline_.after(2ms, [done = std::move(done), made = std::move(made)]() mutable {
        done(std::move(made));
    });
}

Result<std::string> PlainIdentities::make_request(const std::string& fqdn, const std::string& key_pem) {
    if (key_pem.empty()) return Error{Errc::corrupt, "the key of " + fqdn + " is empty"};
    return plain_request(fqdn, key_pem);
}

void VirtualDisk::apply(const Change& change) {
    const std::string& document = change.name.document;
    const bool packs = change.name.path.empty() && document_kind(document) == DocumentKind::json;
    if (!packs) return contents_.apply(change);
    if (change.value == nullptr) {
        whole_.erase(document);
        return contents_.apply(change);
    }
    auto& packer = packers_[document.substr(0, document.find_first_of("0123456789"))];
    if (packer == nullptr) packer = std::make_unique<TextPacker>(*change.value);
    whole_.insert_or_assign(document, Packed{packer.get(), packer->pack(*change.value)});
}

Text VirtualDisk::whole(const std::string& document) const {
    const auto found = whole_.find(document);
    if (found == whole_.end()) return nullptr;
    return std::make_shared<const std::string>(found->second.packer->unpack(found->second.text));
}

void VirtualDisk::remember(const EntryName& name) {
    if (!full_ || before_.contains(name)) return;
    const auto value = load(name);
    before_[name] = value ? put_change(name, *value).value : nullptr;
}

void VirtualDisk::put(const EntryName& name, const Json& value) {
    remember(name);
    apply(put_change(name, value));
}

void VirtualDisk::erase(const EntryName& name) {
    remember(name);
    apply({name, nullptr});
}

void VirtualDisk::commit(UniqueFunction<void()> on_durable) {
    if (full_ && !before_.empty()) {
        failed_ = true;
        return;
    }
    if (!failed_ && on_durable) on_durable();
}

void VirtualDisk::roll_back() {
    for (const auto& [name, value] : before_) apply({name, value});
    before_.clear();
    failed_ = false;
}

std::uint64_t VirtualDisk::digest() const {
    std::uint64_t hash = 1469598103934665603ULL;
    const auto mix = [&hash](std::string_view text) {
        for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    };
    const auto end = [&hash] { hash = (hash ^ 0xff) * 1099511628211ULL; };
    for (const std::string& name : documents("")) {
        mix(name);
        end();
        if (const Text text = whole(name))
            mix(*text);
        else if (document_kind(name) == DocumentKind::text)
            mix(load({name, ""})->dump());
        else
            contents_.find(name)->each_part(mix);
        end();
    }
    return hash;
}

std::vector<std::string> VirtualDisk::documents(std::string_view prefix) const {
    std::vector<std::string> names = contents_.documents(prefix);
    const auto entries = static_cast<std::ptrdiff_t>(names.size());
    for (auto at = whole_.lower_bound(std::string(prefix));
         at != whole_.end() && at->first.starts_with(prefix); ++at)
        names.push_back(at->first);
    std::inplace_merge(names.begin(), names.begin() + entries, names.end());
    return names;
}

std::optional<Json> VirtualDisk::load(const EntryName& name) const {
    const Text text = name.path.empty() ? whole(name.document) : nullptr;
    if (text == nullptr) return contents_.load(name);
    return Json::parse(*text);
}

std::vector<std::pair<std::string, Json>> VirtualDisk::load_section(
    const std::string& document, const std::string& section
) const {
    return contents_.load_section(document, section);
}

}  // namespace csim
