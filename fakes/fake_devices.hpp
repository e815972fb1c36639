// Shared block devices: which volumes there are, who sees them, and which of them carry a local filesystem.
// Presentations are kept by group (a SAN, a scalable unit), never as server × volume.
#pragma once

#include "core/result.hpp"
#include "fakes/device_states.hpp"
#include "fakes/violation.hpp"
#include "state/document.hpp"
#include "wire/reports/linux.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

inline constexpr std::int64_t default_volume_bytes = 35'184'372'088'832;  ///< 32 TiB

/// `/dev/disk/by-id/scsi-<serial>-scsi0-0-0`, the same on every server.
std::string device_path(std::string_view serial);
/// The serial inside such a path; empty if it is not one.
std::string_view serial_of_path(std::string_view path);

/// State: `devices/…`, `presentations/…`, `local_filesystems/…` of `devices.json`.
/// Source: the behaviour specification, §2.3 and §3.3. Differs: major:minor is unique (major 8 + n/256).
class FakeDevices {
  public:
    /// Loads what the store has, the original's per-server presentation maps included (they become groups).
    /// Throws Fatal when the document contradicts itself.
    explicit FakeDevices(Documents& documents);
    ~FakeDevices();
    FakeDevices(const FakeDevices&) = delete;
    FakeDevices& operator=(const FakeDevices&) = delete;

    /// Creates `count` volumes, seen by nobody yet. Returns their serials in order.
    std::vector<std::string> add_volumes(std::size_t count, std::int64_t size_bytes = default_volume_bytes);
    /// Every server of `servers` sees every volume of `serials` from now on. The group is kept under `group`
    /// (`all`, `su-3`) and grows when the name exists. Errors: not_found for an unknown serial.
    Result<Nothing> present(
        const std::string& group, const std::vector<std::string>& servers,
        const std::vector<std::string>& serials
    );
    /// A further server sees what `group` sees. Errors: not_found.
    Result<Nothing> join_group(const std::string& group, const std::string& fqdn);
    /// The server sees nothing any more. Harmless for one that saw nothing.
    void remove_presentations(const std::string& fqdn);

    std::size_t volume_count() const { return volumes_.size(); }
    std::vector<std::string> serials() const;
    const VolumeState* find_volume(std::string_view serial) const;
    bool sees(const std::string& fqdn, std::string_view serial) const;
    /// Serials the server sees, by volume number.
    std::vector<std::string> presented_to(const std::string& fqdn) const;
    /// Servers that see the volume, ascending.
    std::vector<std::string> seen_by(std::string_view serial) const;
    /// Group names, ascending.
    std::vector<std::string> groups() const;

    /// The serial behind a path on a server. Errors: not_found.
    Result<std::string> resolve(const std::string& fqdn, std::string_view path) const;

    /// What the `linux` plugin shows. The same pointer as long as nothing changed for this server; servers
    /// that see the same volumes share it.
    std::shared_ptr<const BlockDevices> nodes(const std::string& fqdn) const;
    /// Grows whenever nodes() of this server would differ. Cheap.
    std::uint64_t version(const std::string& fqdn) const;
    /// Grows whenever nodes() of any server may differ.
    std::uint64_t changes() const { return changes_; }

    /// Errors: not_found; conflict when the volume carries a Lustre target; bad_argument for an empty type.
    Result<Nothing> format_local(const std::string& fqdn, std::string_view path, const std::string& type);
    /// The local filesystem's type, nothing when there is none. Errors: not_found.
    /// Source: the action `check_block_device`.
    Result<std::optional<std::string>> check_block_device(const std::string& fqdn, std::string_view path)
        const;
    std::optional<std::string> local_filesystem(std::string_view serial) const;
    void erase_local_filesystem(const std::string& serial);

    /// Asked before a local format; set by FakeTargets.
    std::function<bool(const std::string& serial)> carries_target;
    /// What else the `linux` report should name as filesystem type of a volume (none by default, as the
    /// original).
    std::function<std::optional<std::string>(const std::string& serial)> target_filesystem_type;
    /// To be called when the answer of target_filesystem_type changed for a volume.
    void touch(std::string_view serial);

    /// I-9 in part, I-13, and that presentations name volumes that exist. I-29: pass the servers that exist.
    std::vector<Violation> violations(const std::set<std::string>* servers = nullptr) const;

  private:
    struct Volume;
    struct Group;
    struct View;
    using Slot = std::uint32_t;  ///< index into volumes_, in order of volume numbers

    void load_volumes();
    void renumber_collisions();
    void load_presentations();
    void load_group(const std::string& name, PresentationState state);
    std::vector<Slot> slots_of_paths(
        const std::map<std::string, std::string>& serial_of, const std::string& entry
    ) const;
    void load_local_filesystems();
    void import_presentations(const std::map<std::string, std::vector<Slot>>& by_server);
    std::string next_major_minor() const;
    const Volume* volume(std::string_view serial) const;
    Result<std::vector<Slot>> slots(const std::vector<std::string>& serials) const;
    std::vector<Slot> slots_of_range(
        const std::pair<std::string, std::string>& range, const std::string& group
    ) const;
    std::vector<std::pair<std::string, std::string>> ranges_of(const std::vector<Slot>& slots) const;
    Group& group(const std::string& name);
    void grow(Group& group, const std::vector<std::string>& servers, const std::vector<Slot>& slots);
    std::vector<Slot> slots_of(const std::string& fqdn) const;
    BlockDevice node(const Volume& volume) const;

    Documents& documents_;
    std::vector<std::unique_ptr<Volume>> volumes_;
    std::map<std::string_view, Slot> slot_of_;  ///< keys lie in the volumes' own serials
    std::int64_t next_number_ = 0;
    std::set<std::string> foreign_major_minors_;  ///< of imported volumes numbered by another rule
    std::map<std::string, std::unique_ptr<Group>> groups_;
    std::map<std::string, std::vector<Group*>> groups_of_;
    std::uint64_t changes_ = 1;
    std::map<std::string, std::uint64_t> left_versions_;  ///< keeps version() growing across a leave
    mutable std::map<std::vector<const Group*>, View> views_;
};

}  // namespace csim
