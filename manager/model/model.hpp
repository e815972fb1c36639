// Everything the manager knows: saved tables, the indexes over them, and the volatile part that agents
// repeat.
#pragma once

#include "core/timeline.hpp"
#include "core/trace.hpp"
#include "manager/model/changes.hpp"
#include "manager/model/hsm_rows.hpp"
#include "manager/model/job_rows.hpp"
#include "manager/model/log_book.hpp"
#include "manager/model/metric_history.hpp"
#include "manager/model/packages.hpp"
#include "manager/model/power_rows.hpp"
#include "manager/model/profile.hpp"
#include "manager/model/report_rows.hpp"
#include "manager/model/rows.hpp"
#include "manager/model/storage_rows.hpp"
#include "manager/model/table.hpp"
#include "manager/model/target_index.hpp"
#include "wire/reports/lustre.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace csim {

/// What is known of a host only as long as the manager runs.
struct HostVolatile {
    SimTime corosync_accepted;  ///< the datetime of the newest accepted report about this node
    std::shared_ptr<const ResourceLocations> resource_locations;
    std::shared_ptr<const TargetMounts> mounts;
};

/// The newest figures of a target.
struct TargetSample {
    std::shared_ptr<const TargetMetrics> metrics;
    SimTime at;
};

/// One thread. Rows are added and removed through the functions here, so that the indexes stay true.
class Model {
  public:
    Model(Timeline& timeline, Documents& documents);
    Model(const Model&) = delete;

    /// Reads everything that was saved. Throws Fatal when a document cannot be understood.
    void load();
    /// The next number of `sequence`, never given twice.
    std::int64_t next_id(const std::string& sequence);
    SimTime now() const { return timeline.now(); }

    Timeline& timeline;
    Documents& documents;
    Changes changes;
    Trace* trace = nullptr;  ///< told of states and commands, if there is one

    Table<HostRow> hosts;
    Table<LNetRow> lnets;
    Table<CorosyncRow> corosyncs;  ///< with(mcast_port)
    Table<PacemakerRow> pacemakers;
    Table<NtpRow> ntps;
    Table<InterfaceRow> interfaces;
    Table<VolumeRow> volumes;
    Table<VolumeNodeRow> volume_nodes;
    Table<TargetRow> targets;
    Table<FilesystemRow> filesystems;
    Table<AlertRow> alerts;
    Table<UserRow> users;
    Table<LoginRow> logins;
    Table<ControllerRow> controllers;
    Table<PowerTypeRow> power_types;
    Table<PowerDeviceRow> power_devices;
    Table<PowerOutletRow> power_outlets;
    Table<ClientMountRow> client_mounts;
    Table<CopytoolRow> copytools;
    Table<CopytoolOperationRow> copytool_operations;
    Table<StorageItemRow> storage_items;
    Table<HostPackagesRow> packages;
    Table<TargetFiguresRow> target_figures;
    Table<SubscriptionRow> subscriptions;
    Table<CommandRow> commands;  ///< with(1): complete ones, with(0): the others
    Table<JobRow> jobs;
    TargetIndex target_index;
    std::map<std::int64_t, HostVolatile> host_volatile;
    std::map<std::int64_t, TargetSample> target_samples;
    MetricHistory metrics;
    MetricHistory
        storage_metrics;  ///< of controllers, LUNs and disks: many, and apart, so as not to crowd out others
    LogBook log;

    const HostRow& add_host(HostRow row);
    void remove_host(std::int64_t id);
    void rename_host(std::int64_t id, const std::string& fqdn, const std::string& address);
    const InterfaceRow& add_interface(InterfaceRow row);
    void remove_interface(std::int64_t id);
    const VolumeRow& add_volume(VolumeRow row);
    void remove_volume(std::int64_t id);
    const VolumeNodeRow& add_volume_node(VolumeNodeRow row);
    void remove_volume_node(std::int64_t id);
    const TargetRow& add_target(TargetRow row);
    void remove_target(std::int64_t id);
    void label_target(std::int64_t id, const std::string& ha_label);
    const FilesystemRow& add_filesystem(FilesystemRow row);
    void remove_filesystem(std::int64_t id);
    const AlertRow& add_alert(AlertRow row);

    const PowerOutletRow& add_power_outlet(PowerOutletRow row);
    void remove_power_outlet(std::int64_t id);
    void give_power_outlet(std::int64_t id, std::optional<std::int64_t> host);
    const std::set<std::int64_t>& outlets_of_host(std::int64_t host) const;
    const std::set<std::int64_t>& outlets_of_device(std::int64_t device) const;

    const HostRow* host_by_fqdn(std::string_view fqdn) const;
    /// By nodename or fqdn, as HA reports name nodes.
    const HostRow* host_by_node(std::string_view node) const;
    const std::set<std::int64_t>& interfaces_of(std::int64_t host) const;
    const std::set<std::int64_t>& nodes_of_host(std::int64_t host) const;
    const std::set<std::int64_t>& nodes_of_volume(std::int64_t volume) const;
    const VolumeRow* volume_by_key(const std::string& key) const;
    /// The LUN behind a controller that has this serial; 0 if none.
    std::int64_t lun_by_serial(const std::string& serial) const;
    const StorageItemRow& add_storage_item(StorageItemRow row);
    void remove_storage_item(std::int64_t id);
    const std::set<std::int64_t>& items_of_controller(std::int64_t controller) const;
    /// The MGT that a target is registered with; itself for an MGT, 0 if it is gone.
    std::int64_t mgt_of(const TargetRow& target) const;
    /// The MGT, then the MDTs and OSTs.
    std::vector<std::int64_t> members_of(std::int64_t filesystem) const;
    /// The active alert of that type on that object, or nullptr.
    const AlertRow* active_alert(ObjectRef item, const std::string& type) const;
    std::set<std::int64_t> active_alerts(ObjectRef item) const;
    const std::set<std::int64_t>& all_active_alerts() const { return active_alert_ids_; }
    /// All alerts, over ones too, about objects of any kind with the number `item`.
    std::vector<std::int64_t> alerts_about(std::int64_t item) const;
    void end_alert(std::int64_t id, SimTime at);
    const std::pair<std::int64_t, std::int64_t>* job_of_step(std::int64_t step) const;
    void index_step(std::int64_t step, std::int64_t job, std::int64_t index);
    std::vector<std::int64_t> step_ids() const;

    /// The status of a stateful object; nullptr if there is no such object.
    const Status* status(ObjectRef object) const;
    void edit_status(ObjectRef object, const std::string& state, SimTime modified_at);
    void touch_modified(ObjectRef object, SimTime at);
    /// The host that a stateful object belongs to; 0 if none.
    std::int64_t host_of(ObjectRef object) const;
    /// How people read the object's name in messages, such as `test000 LNet configuration`.
    std::string display_text(ObjectRef object) const;

    const ServerProfile& profile_of(const HostRow& host) const;

  private:
    using AlertKey = std::tuple<ObjectRef, std::string>;
    void load_hosts();
    void load_targets();
    void load_commands();
    void load_equipment();
    void load_reports();
    void load_storage();
    void index_alert(const AlertRow& row);
    void edit_status_row(ObjectRef object, UniqueFunction<void(Status&)> change);

    std::unique_ptr<Document<CounterRow>> counters_;
    std::map<std::string, std::int64_t, std::less<>> host_by_fqdn_;
    std::map<std::string, std::int64_t, std::less<>> host_by_nodename_;
    std::map<std::int64_t, std::set<std::int64_t>> interfaces_of_host_;
    std::map<std::int64_t, std::set<std::int64_t>> nodes_of_host_;
    std::map<std::int64_t, std::set<std::int64_t>> nodes_of_volume_;
    std::map<std::string, std::int64_t> volume_by_key_;
    std::map<std::int64_t, std::set<std::int64_t>> outlets_of_host_;
    std::map<std::int64_t, std::set<std::int64_t>> outlets_of_device_;
    std::map<std::string, std::int64_t, std::less<>> lun_by_serial_;
    std::map<std::int64_t, std::set<std::int64_t>> items_of_controller_;
    std::map<AlertKey, std::int64_t> active_alerts_;
    std::set<std::int64_t> active_alert_ids_;
    std::map<std::int64_t, std::vector<std::int64_t>> alerts_about_;
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> job_of_step_;
};

/// The host's name without the domain that all simulated servers share.
std::string host_label(const HostRow& host);
/// `10.0.0.1@tcp0`.
std::string nid_text(const InterfaceRow& interface);

}  // namespace csim
