#include "fakes/fake_client.hpp"

#include "fakes/fake_targets.hpp"
#include "state/document_of.hpp"

#include <algorithm>
#include <set>

namespace csim {

namespace {

constexpr std::string_view prefix = "fake_client_";
constexpr std::string_view suffix = ".json";
constexpr std::size_t text_size_max = 1024;
constexpr std::size_t address_size_max = 128;

EntryName document_of(const std::string& address) {
    return {std::string(prefix) + address + std::string(suffix), ""};
}

bool fit_for_a_file_name(const std::string& address) {
    return !address.empty() && address.size() <= address_size_max && address.front() != '.' &&
           std::ranges::none_of(address, [](unsigned char c) { return c <= ' ' || c == '/' || c == 0x7f; });
}

}  // namespace

FakeClient::FakeClient(Documents& documents, std::string address, MountCounts* counts)
    : address_(std::move(address)), counts_(counts) {
    const auto name = document_of(address_);
    state_ = load_document<ClientState>(documents, name);
    if (!state_) state_ = std::make_unique<Document<ClientState>>(documents, name, ClientState{});
    // The original could save a mount twice; once is what it means.
    const auto saved = mounts();
    const std::set<std::pair<std::string, std::string>> distinct(saved.begin(), saved.end());
    if (distinct.size() != saved.size()) {
        state_->edit([&](ClientState& state) { state.mounts.assign(distinct.begin(), distinct.end()); });
    }
    for (const auto& [mgsspec, fsname] : mounts()) count(fsname, 1);
}

void FakeClient::count(const std::string& fsname, std::int64_t change) {
    if (counts_ != nullptr) (*counts_)[fsname] += change;
}

FakeClient::~FakeClient() = default;

Result<Nothing> FakeClient::mount(
    const std::string& mgsspec, const std::string& fsname, const FakeTargets* existing
) {
    if (mgsspec.empty() || fsname.empty() || mgsspec.size() > text_size_max ||
        fsname.size() > text_size_max) {
        return Error{Errc::bad_argument, "a mount needs the NIDs of an MGS and a filesystem's name"};
    }
    if (existing != nullptr && !existing->filesystem_exists(mgsspec, fsname)) {
        return Error{
            Errc::not_found, "the management server at " + mgsspec + " knows no filesystem " + fsname};
    }
    const std::pair mount(mgsspec, fsname);
    if (std::ranges::find(mounts(), mount) != mounts().end()) return Nothing{};
    state_->edit([&](ClientState& state) { state.mounts.push_back(mount); });
    count(fsname, 1);
    return Nothing{};
}

void FakeClient::unmount(const std::string& mgsspec, const std::string& fsname) {
    const std::pair mount(mgsspec, fsname);
    if (std::ranges::find(mounts(), mount) == mounts().end()) return;
    state_->edit([&](ClientState& state) { std::erase(state.mounts, mount); });
    count(fsname, -1);
}

void FakeClient::unmount_all() {
    if (mounts().empty()) return;
    for (const auto& [mgsspec, fsname] : mounts()) count(fsname, -1);
    state_->edit([](ClientState& state) { state.mounts.clear(); });
}

FakeClients::FakeClients(Documents& documents) : documents_(documents) {
    for (const auto& name : documents.store().documents(prefix)) {
        if (!name.ends_with(suffix)) continue;
        const auto address = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
        clients_.emplace(address, std::make_unique<FakeClient>(documents, address, &counts_));
    }
}

FakeClients::~FakeClients() = default;

Result<FakeClient*> FakeClients::client(const std::string& address) {
    if (!fit_for_a_file_name(address)) {
        return Error{Errc::bad_argument, "'" + address + "' cannot be the address of a client"};
    }
    auto& client = clients_[address];
    if (!client) client = std::make_unique<FakeClient>(documents_, address, &counts_);
    return client.get();
}

FakeClient* FakeClients::find(const std::string& address) const {
    const auto found = clients_.find(address);
    return found == clients_.end() ? nullptr : found->second.get();
}

std::vector<std::string> FakeClients::addresses() const {
    std::vector<std::string> addresses;
    for (const auto& [address, client] : clients_) addresses.push_back(address);
    return addresses;
}

void FakeClients::unmount_all() {
    for (const auto& [address, client] : clients_) client->unmount_all();
}

std::int64_t FakeClients::mounts_of(const std::string& fsname) const {
    const auto found = counts_.find(fsname);
    return found == counts_.end() ? 0 : found->second;
}

}  // namespace csim
