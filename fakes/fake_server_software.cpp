// Packages and client mounts of a FakeServer.
#include "core/json_codec.hpp"
#include "fakes/fake_server.hpp"

#include <algorithm>

namespace csim {

std::shared_ptr<const PackagesReport> FakeServer::packages() const {
    if (packages_ == nullptr || packages_version_ != surroundings_.catalogue_version) {
        packages_ = std::make_shared<const PackagesReport>(
            packages_report(surroundings_.catalogue.of(worker()), (*state_)->packages)
        );
        packages_version_ = surroundings_.catalogue_version;
    }
    return packages_;
}

Result<Nothing> FakeServer::install(const std::vector<std::string>& names) {
    const PackageVersions& available = surroundings_.catalogue.of(worker());
    for (const auto& name : names) {
        if (available.contains(name)) continue;
        std::string known;
        for (const auto& [other, version] : available) known += (known.empty() ? "" : ", ") + other;
        return Error{Errc::not_found, "Package '" + name + "' not found (available: " + known + ")"};
    }
    state_->edit([&](ServerState& state) {
        for (const auto& name : names) state.packages[name] = available.at(name);
    });
    packages_.reset();
    return Nothing{};
}

Result<PackageVersion> FakeServer::installed_version(const std::string& name) const {
    const auto found = (*state_)->packages.find(name);
    if (found == (*state_)->packages.end()) {
        return Error{Errc::not_found, "package '" + name + "' is not installed on " + fqdn()};
    }
    return found->second;
}

Result<Nothing> FakeServer::mount(const std::string& mountspec, const std::string& mountpoint) {
    const auto separator = mountspec.find(":/");
    if (separator == std::string::npos || separator + 2 == mountspec.size()) {
        return Error{Errc::bad_argument, "'" + mountspec + "' is not of the form <address>:/<filesystem>"};
    }
    if (!up()) return Error{Errc::conflict, fqdn() + " is not up"};
    start_lnet();
    state_->edit([&](ServerState& state) {
        state.client_mounts[mountspec] = mountpoint + "/" + mountspec.substr(separator + 2);
    });
    client_mounts_.reset();
    return Nothing{};
}

void FakeServer::unmount(const std::string& mountspec) {
    const auto& mounts = (*state_)->client_mounts;
    auto found = mounts.find(mountspec);
    // An MGS may be known by other NIDs than at the time of the mount; the filesystem's name still tells.
    const auto same_filesystem = [name = mountspec.substr(mountspec.rfind('/') + 1)](const auto& mount) {
        return mount.first.ends_with(":/" + name);
    };
    if (found == mounts.end() && std::ranges::count_if(mounts, same_filesystem) == 1)
        found = std::ranges::find_if(mounts, same_filesystem);
    if (found == mounts.end()) return;
    state_->edit([&, mounted = found->first](ServerState& state) { state.client_mounts.erase(mounted); });
    client_mounts_.reset();
}

std::shared_ptr<const ClientMounts> FakeServer::client_mounts() const {
    if (client_mounts_ == nullptr) {
        auto mounts = std::make_shared<ClientMounts>();
        for (const auto& [mountspec, mountpoint] : (*state_)->client_mounts) {
            mounts->push_back({mountspec, mountpoint});
        }
        client_mounts_ = std::move(mounts);
    }
    return client_mounts_;
}

}  // namespace csim
