// Local filesystems on volumes, and the checks of FakeDevices.
#include "fakes/fake_devices_parts.hpp"

namespace csim {

namespace {

constexpr std::size_t filesystem_type_size_max = 64;

}  // namespace

Result<Nothing> FakeDevices::format_local(
    const std::string& fqdn, std::string_view path, const std::string& type
) {
    const auto serial = resolve(fqdn, path);
    if (!serial) return serial.error();
    if (type.empty() || type.size() > filesystem_type_size_max) {
        return Error{Errc::bad_argument, "a filesystem type such as ext4 is needed"};
    }
    if (carries_target && carries_target(*serial)) {
        return Error{Errc::conflict, "a Lustre target is on " + std::string(path)};
    }
    auto& volume = *volumes_[slot_of_.at(*serial)];
    if (volume.local_filesystem) {
        volume.local_filesystem->edit([&](std::string& present) { present = type; });
    } else {
        const EntryName name{devices_document, "local_filesystems/" + *serial};
        volume.local_filesystem = std::make_unique<Document<std::string>>(documents_, name, type);
    }
    touch(*serial);
    return Nothing{};
}

Result<std::optional<std::string>> FakeDevices::check_block_device(
    const std::string& fqdn, std::string_view path
) const {
    const auto serial = resolve(fqdn, path);
    if (!serial) return serial.error();
    return local_filesystem(*serial);
}

std::optional<std::string> FakeDevices::local_filesystem(std::string_view serial) const {
    const auto* found = volume(serial);
    if (found == nullptr || !found->local_filesystem) return std::nullopt;
    return **found->local_filesystem;
}

void FakeDevices::erase_local_filesystem(const std::string& serial) {
    const auto found = slot_of_.find(serial);
    if (found == slot_of_.end()) return;
    auto& volume = *volumes_[found->second];
    if (!volume.local_filesystem) return;
    volume.local_filesystem->erase();
    volume.local_filesystem.reset();
    touch(serial);
}

std::vector<Violation> FakeDevices::violations(const std::set<std::string>* servers) const {
    std::vector<Violation> found;
    std::map<std::string, std::string> serial_of;
    for (const auto& volume : volumes_) {
        const auto& serial = volume->serial();
        const auto [other, fresh] = serial_of.emplace(volume->state->major_minor, serial);
        if (!fresh) {
            found.push_back({"I-13", serial + " and " + other->second + " share the number " + other->first});
        }
        if (volume->local_filesystem && carries_target && carries_target(serial)) {
            found.push_back({"I-9", serial + " carries a Lustre target and a local filesystem"});
        }
    }
    if (servers == nullptr) return found;
    for (const auto& [fqdn, groups] : groups_of_) {
        if (!servers->contains(fqdn))
            found.push_back({"I-29", "volumes are presented to the unknown server " + fqdn});
    }
    return found;
}

}  // namespace csim
