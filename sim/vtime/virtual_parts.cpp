#include "sim/vtime/virtual_parts.hpp"

#include "manager/plain_signer.hpp"

#include <nlohmann/json.hpp>

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

VirtualDisk::VirtualDisk() : memory_(memory_store()) {}
VirtualDisk::~VirtualDisk() = default;

void VirtualDisk::remember(const EntryName& name) {
    if (full_) before_.try_emplace(name, memory_->load(name));
}

void VirtualDisk::put(const EntryName& name, const Json& value) {
    remember(name);
    memory_->put(name, value);
}

void VirtualDisk::erase(const EntryName& name) {
    remember(name);
    memory_->erase(name);
}

void VirtualDisk::commit(UniqueFunction<void()> on_durable) {
    if (full_ && !before_.empty()) {
        failed_ = true;
        return;
    }
    if (failed_) return;
    memory_->commit(std::move(on_durable));
}

void VirtualDisk::roll_back() {
    for (const auto& [name, value] : before_) {
        if (value)
            memory_->put(name, *value);
        else
            memory_->erase(name);
    }
    memory_->commit(nullptr);
    before_.clear();
    failed_ = false;
}

std::uint64_t VirtualDisk::digest() const {
    std::uint64_t hash = 1469598103934665603ULL;
    const auto mix = [&hash](std::string_view text) {
        for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
        hash = (hash ^ 0xff) * 1099511628211ULL;
    };
    for (const std::string& name : memory_->documents("")) {
        mix(name);
        if (const auto value = memory_->load({name, ""})) mix(value->dump());
    }
    return hash;
}

std::vector<std::string> VirtualDisk::documents(std::string_view prefix) const {
    return memory_->documents(prefix);
}

std::optional<Json> VirtualDisk::load(const EntryName& name) const {
    return memory_->load(name);
}

std::vector<std::pair<std::string, Json>> VirtualDisk::load_section(
    const std::string& document, const std::string& section
) const {
    return memory_->load_section(document, section);
}

}  // namespace csim
