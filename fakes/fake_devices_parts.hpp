// Insides of FakeDevices, for its own .cpp files.
#pragma once

#include "fakes/fake_devices.hpp"
#include "state/document_of.hpp"

#include <memory>
#include <string>
#include <vector>

namespace csim {

inline const std::string devices_document = "devices.json";

struct FakeDevices::Volume {
    /// `serial` is a copy: it is read while the state moves.
    Volume(Documents& documents, std::string serial, VolumeState fresh)
        : state(documents, {devices_document, "devices/" + serial}, std::move(fresh)) {}
    Volume(Document<VolumeState>::Loaded loaded, Documents& documents, std::string serial, VolumeState saved)
        : state(loaded, documents, {devices_document, "devices/" + serial}, std::move(saved)) {}

    Document<VolumeState> state;
    std::unique_ptr<Document<std::string>> local_filesystem;
    std::vector<Group*> groups;

    const std::string& serial() const { return state->serial_80; }
};

struct FakeDevices::Group {
    Group(Documents& documents, const std::string& group) : state(documents, entry(group), {}), name(group) {}
    Group(
        Document<PresentationState>::Loaded loaded, Documents& documents, const std::string& group,
        PresentationState saved
    )
        : state(loaded, documents, entry(group), std::move(saved)), name(group) {}
    static EntryName entry(const std::string& group) { return {devices_document, "presentations/" + group}; }

    Document<PresentationState> state;
    std::string name;
    std::vector<Slot> slots;  ///< ascending
    std::uint64_t version = 0;

    bool has_server(const std::string& fqdn) const;
    bool has_slot(Slot slot) const;
};

struct FakeDevices::View {
    std::shared_ptr<const BlockDevices> nodes;
    std::uint64_t version = 0;  ///< sum of the groups' versions when it was made
};

}  // namespace csim
