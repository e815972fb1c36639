// Brings a moment of virtual time to life: its documents in two state folders, with real keys instead of
// names.
#include "agent_proto/identity.hpp"
#include "core/event_loop.hpp"
#include "manager/certificate_authority.hpp"
#include "manager/plain_signer.hpp"
#include "sim/vtime/snapshot.hpp"

#include <nlohmann/json.hpp>

#include <optional>

namespace csim {
namespace {

constexpr std::string_view certificate_end = "_crypto/self.crt";
constexpr std::string_view key_end = "_crypto/private.pem";

/// A folder that is made for this, with the loop that its store needs.
struct NewFolder {
    Timeline timeline;
    EventLoop loop{timeline, Pace::instant()};
    std::unique_ptr<StateStore> store;

    NewFolder(const std::filesystem::path& folder, const char* program) {
        std::error_code none;
        if (std::filesystem::exists(folder, none) && !std::filesystem::is_empty(folder, none))
            throw Fatal(folder.string() + " is not empty; a cluster is brought to life in new folders only");
        DirectoryOptions options;
        options.program = program;
        store = open_directory(folder, loop, std::move(options));
    }
    void finish() {
        store->commit(nullptr);
        store->flush();
    }
};

struct Reissued {
    std::string key;
    std::string certificate;
    std::string serial;
};

Reissued reissue(CertificateAuthority& authority, const std::string& fqdn) {
    const auto identity = make_identity(fqdn, KeyKind::p256);
    if (!identity) throw Fatal("no key can be made for " + fqdn + ": " + identity.error().detail);
    const auto request = authority.parse(identity->csr_pem);
    if (!request) throw Fatal("no certificate can be made for " + fqdn + ": " + request.error().detail);
    std::optional<Result<SignedCertificate>> signed_one;
    authority.sign(*request, [&](Result<SignedCertificate> certificate) {
        signed_one = std::move(certificate);
    });
    if (!signed_one || !*signed_one) throw Fatal("no certificate can be made for " + fqdn);
    return {identity->key_pem, (*signed_one)->pem, (*signed_one)->serial};
}

/// Names of certificates in the manager's documents, by what they are replaced with.
using Serials = std::map<std::string, std::string>;

Serials write_world(StateStore& store, const Json& documents, CertificateAuthority& authority) {
    Serials serials;
    for (const auto& [name, value] : documents.items()) {
        if (name.ends_with(certificate_end)) {
            const std::string fqdn = name.substr(0, name.size() - certificate_end.size());
            const Reissued made = reissue(authority, fqdn);
            serials[plain_serial(value.get<std::string>())] = made.serial;
            store.put({name, ""}, made.certificate);
            store.put({fqdn + std::string(key_end), ""}, made.key);
        } else if (!name.ends_with(key_end)) {
            store.put({name, ""}, value);
        }
    }
    return serials;
}

/// The table of certificates is kept by serial: its documents get the new ones as names.
void write_manager(StateStore& store, const Json& documents, const Serials& serials) {
    for (const auto& [name, value] : documents.items()) {
        std::string renamed = name;
        Json changed = value;
        for (const auto& [old, fresh] : serials) {
            if (const auto at = renamed.find(old); at != std::string::npos)
                renamed.replace(at, old.size(), fresh);
            if (!changed.is_object()) continue;
            for (auto& [section, entries] : changed.items()) {
                if (!entries.is_object() || !entries.contains(old)) continue;
                entries[fresh] = entries[old];
                entries.erase(old);
            }
            if (changed.contains(old)) {
                changed[fresh] = changed[old];
                changed.erase(old);
            }
        }
        store.put({renamed, ""}, changed);
    }
}

}  // namespace

void revive(
    const Snapshot& snapshot, const std::filesystem::path& world_folder,
    const std::filesystem::path& manager_folder
) {
    NewFolder world(world_folder, "cluster-sim");
    NewFolder manager(manager_folder, "cluster-sim-manager");
    AuthorityOptions options{{"localhost"}, 0};
    CertificateAuthority authority(*manager.store, manager.loop, std::move(options));
    const Serials serials = write_world(*world.store, snapshot.world, authority);
    write_manager(*manager.store, snapshot.manager, serials);
    world.finish();
    manager.finish();
}

}  // namespace csim
