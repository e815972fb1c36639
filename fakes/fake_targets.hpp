// Lustre targets on volumes and the databases of the management servers (MGS) that know them.
// Starting and stopping is not done here: the cluster does, and is asked where a target runs.
#pragma once

#include "core/rng.hpp"
#include "fakes/fake_devices.hpp"
#include "fakes/nids.hpp"
#include "fakes/target_labels.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// The server on which something is asked for.
struct LustreNode {
    std::string fqdn;
    std::vector<std::string> nids;  ///< by interface number, such as `10.0.0.3@tcp0`
    bool lnet_up = false;
};

/// Arguments of `format_target` that matter.
struct FormatTarget {
    std::string device;
    std::string backfstype;
    std::vector<std::string> target_types;  ///< a single text is a list of one
    NidGroups mgsnode;
    std::optional<std::string> fsname;
    std::vector<std::string> failnode;
    std::optional<std::int64_t> index;
    std::string mkfsoptions;
    bool reformat = false;
};

/// Result of `format_target`.
struct FormattedTarget {
    std::string uuid;
    std::string filesystem_type;
    std::int64_t inode_size = 0;
    std::int64_t bytes_per_inode = 0;
    std::int64_t inode_count = 0;
};
BOOST_DESCRIBE_STRUCT(FormattedTarget, (), (uuid, filesystem_type, inode_size, bytes_per_inode, inode_count))

/// Arguments of `writeconf_target` that matter.
struct WriteconfTarget {
    std::string device;
    NidGroups mgsnode;
    std::vector<std::string> failnode;
};

/// What a stored conf param asks of the filesystem's HSM coordinator.
struct HsmControl {
    std::string fsname;
    std::string value;  ///< enabled, disabled, shutdown or purge
};

/// One of the `target_devices` that `detect_scan` is asked about.
struct ScanDevice {
    std::string path;
    std::string type;
};

/// Result of `detect_scan`.
struct LocalTarget {
    std::string name;
    std::string uuid;
    std::string type;
    std::map<std::string, std::string> params;
    std::vector<std::string> device_paths;
    bool mounted = false;
};
BOOST_DESCRIBE_STRUCT(LocalTarget, (), (name, uuid, type, params, device_paths, mounted))
struct MgsTarget {
    std::string uuid;
    std::string name;
    std::string nid;
};
BOOST_DESCRIBE_STRUCT(MgsTarget, (), (uuid, name, nid))
struct DetectedTargets {
    std::vector<LocalTarget> local_targets;
    std::map<std::string, std::vector<MgsTarget>> mgs_targets;  ///< by filesystem name
    std::map<std::string, std::string> mgs_conf_params;         ///< empty, as the original simulator sends it
    std::string target_devices_saved_timestamp;
};
BOOST_DESCRIBE_STRUCT(
    DetectedTargets, (), (local_targets, mgs_targets, mgs_conf_params, target_devices_saved_timestamp)
)

/// State: `targets/…` and `mgts/…` of `devices.json`. A failed operation changes nothing; reading changes
/// nothing. Source: the behaviour specification, §5. Differs: an MGS is found by any NID in common; formats
/// are refused where a real mkfs refuses; purging removes parameters too; registration needs LNet and a
/// running MGS.
class FakeTargets {
  public:
    /// fqdn of the server on which the target with this uuid is started, or empty.
    using StartedOn = std::function<std::string(const std::string& uuid)>;

    /// uuids come from streams `target-uuid/<serial>/…` of `run`, so that a restart repeats none. Throws
    /// Fatal when the documents contradict each other.
    FakeTargets(Documents& documents, FakeDevices& devices, const Rng& run);
    ~FakeTargets();
    FakeTargets(const FakeTargets&) = delete;
    FakeTargets& operator=(const FakeTargets&) = delete;

    /// Nothing is started until this is set.
    void ask_started_on(StartedOn started_on) { started_on_ = std::move(started_on); }
    /// NIDs of a server as they are now: where a running MGS answers, whatever was written at its format.
    void ask_nids_of(std::function<std::vector<std::string>(const std::string& fqdn)> nids_of) {
        nids_of_ = std::move(nids_of);
    }

    /// Errors: not_found (device); bad_argument; conflict when the target is started, when something is on
    /// the volume and `reformat` is off, or when another volume is registered with the same MGS under this
    /// label.
    Result<FormattedTarget> format(const LustreNode& on, const FormatTarget& request, SimTime now);
    /// The label. Errors: not_found (device, target, MGS); conflict when LNet is down, no network is shared
    /// with the MGS, or the MGS is not running.
    Result<std::string> register_target(const LustreNode& on, std::string_view device_path);
    Result<Nothing> writeconf(const LustreNode& on, const WriteconfTarget& request);
    /// Removes the filesystem's targets and parameters from the MGS on that device. Errors: not_found.
    Result<Nothing> purge(const LustreNode& on, std::string_view mgs_device_path, const std::string& fsname);

    /// Stores, or with nothing deletes, a parameter of the MGS that runs on this server. Returns what the
    /// filesystem's HSM coordinator must do, if anything. Errors: conflict when no MGS is started here;
    /// bad_argument.
    Result<std::optional<HsmControl>> set_conf_param(
        const std::string& fqdn, const std::string& key, const std::optional<std::string>& value
    );
    /// Source: the real agent's form; `mgs_conf_params` stays because the original simulator sent it.
    DetectedTargets detect_scan(const std::string& fqdn, const std::vector<ScanDevice>& devices, SimTime now)
        const;

    const TargetState* find(std::string_view serial) const;
    /// Errors: not_found for an unknown path, or when no target is on it.
    Result<const TargetState*> find_at(const std::string& fqdn, std::string_view path) const;
    /// Serial of the target with this uuid, or empty.
    std::string serial_of_uuid(const std::string& uuid) const;
    /// Serial of the target of this label that is started on this server, or empty.
    std::string started_here(const std::string& fqdn, std::string_view label) const;
    std::string started_on(const std::string& uuid) const {
        return started_on_ ? started_on_(uuid) : std::string();
    }
    /// Grows whenever a target is formatted or forgotten: pointers from find() live as long as it stands.
    std::uint64_t generation() const { return generation_; }
    /// I-12: an MDT or OST can only start once it was registered. Nothing is said of uuids that no volume
    /// carries. Errors: conflict.
    Result<Nothing> check_startable(const std::string& uuid) const;
    /// Serials of all targets, ascending.
    std::vector<std::string> serials() const;

    /// The database of the MGS that answers at one of these NIDs: a running one first, then the one formatted
    /// last.
    const MgsState* find_mgs(const NidGroups& nids) const;
    const MgsState* find_mgs(std::string_view mgsspec) const { return find_mgs(parse_nid_groups(mgsspec)); }
    /// The database of the MGS that the target on this volume belongs to.
    const MgsState* mgs_of_target(const std::string& serial) const;
    /// A filesystem exists when its MGS has an MDT and an OST of that name.
    bool filesystem_exists(std::string_view mgsspec, const std::string& fsname) const;
    /// A parameter as Lustre presents it (`llite.max_cached_mb` values carry their name), if it is set.
    static std::optional<std::string> conf_param(const MgsState& mgs, const std::string& key);

    /// I-9, I-10, I-11.
    std::vector<Violation> violations() const;

  private:
    using Target = Document<TargetState>;
    using Mgs = Document<MgsState>;
    struct Plan;

    void load_targets();
    void load_mgts();
    void adopt_registrations(Mgs& mgs, const std::string& key);
    void remember(const std::string& serial, std::unique_ptr<Target> target);
    Result<Plan> plan_format(const LustreNode& on, const FormatTarget& request) const;
    Result<Nothing> check_replaceable(const Plan& plan, bool reformat) const;
    Result<Nothing> find_superseded(Plan& plan) const;
    void forget(const std::string& serial);
    void create_mgs(const std::string& serial, const NidGroups& nids);
    std::string fresh_uuid(const std::string& serial, SimTime now) const;
    Result<Nothing> check_registrable(const LustreNode& on, const TargetState& target, const Mgs* mgs) const;
    Result<Nothing> check_label_free(const std::string& serial, const NidGroups& mgs_nids) const;
    Mgs* mgs_at(const NidGroups& nids) const;
    Mgs* mgs_held_by(const std::string& serial) const;
    /// The MGS with which the target on this volume is registered, if any.
    Mgs* registrar_of(const std::string& serial, const std::string& label) const;
    /// The MGS of the target on this volume: its own, the one that registered it, or the one that answers at
    /// its mgsnode.
    Mgs* mgs_for(const std::string& serial, const TargetState& target) const;
    std::vector<std::string> nids_of(const MgsState& mgs) const;
    bool running(const MgsState& mgs) const;

    Documents& documents_;
    FakeDevices& devices_;
    Rng run_;
    std::map<std::string, std::unique_ptr<Target>, std::less<>> targets_;  ///< by serial
    std::map<std::string, std::unique_ptr<Mgs>> mgts_;                     ///< by key
    std::map<std::string, std::string> serial_of_uuid_;
    std::map<std::string, std::set<std::string>, std::less<>> serials_of_label_;
    std::uint64_t generation_ = 0;
    StartedOn started_on_;
    std::function<std::vector<std::string>(const std::string& fqdn)> nids_of_;
};

}  // namespace csim
