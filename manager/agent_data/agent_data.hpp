// What agents report, turned into changes of the model. Only real changes are made: what repeats costs
// nothing. Source: the manager API, §4.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "manager/model/alerts.hpp"
#include "wire/body.hpp"
#include "wire/reports/corosync.hpp"
#include "wire/reports/linux.hpp"
#include "wire/reports/linux_network.hpp"
#include "wire/reports/lustre.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace csim {

class JobEngine;

class AgentData {
  public:
    AgentData(Model& model, Alerts& alerts, JobEngine& engine)
        : model_(model), alerts_(alerts), engine_(engine) {}

    // Reports of the plugins, by the host that sent them. Errors: bad_argument; nothing was changed then.
    Result<Nothing> linux_report(std::int64_t host, const Body& body);
    Result<Nothing> network_report(std::int64_t host, const Body& body);
    Result<Nothing> lustre_report(std::int64_t host, const Body& body);
    Result<Nothing> corosync_report(std::int64_t host, const Body& body);
    Result<Nothing> journal_report(std::int64_t host, const Body& body);

    /// What a job asked the agent for: counts although the job holds the objects.
    Result<Nothing> scanned(std::int64_t host, const std::string& plugin, const Json& report);
    Result<Nothing> packages_scanned(std::int64_t host, const Json& report);

    void boot_time(std::int64_t host, SimTime boot_time, bool rebooted);

    /// Chooses primary and secondary nodes anew for the volumes that `host` presents.
    void balance_volumes_of(std::int64_t host);

  private:
    void apply_network(std::int64_t host, const struct LinuxNetworkReport& report, bool by_job);
    void apply_interfaces(std::int64_t host, const struct LinuxNetworkReport& report);
    const std::string& properties_text(const std::shared_ptr<const HostProperties>& properties);
    /// One member as a report said that it is.
    struct SeenMember {
        const HostRow* host = nullptr;
        const CorosyncRow* corosync = nullptr;
        HostVolatile* memory = nullptr;
        bool online = false;
        std::vector<std::int64_t> peers;
    };
    /// What a host last told of its HA cluster, when that changed nothing: told once more it changes nothing
    /// either, as long as nothing else has changed.
    struct SeenCluster {
        std::shared_ptr<const void> nodes;
        std::optional<bool> stonith_enabled;
        ClusterServices services;
        std::vector<SeenMember> members;
        std::uint64_t stamp = 0;  ///< 0: nothing was seen
    };
    bool repeats(SeenCluster& seen, const struct CorosyncReport& report) const;
    std::uint64_t cluster_stamp() const;
    /// The same for interfaces and NIDs.
    struct SeenNetwork {
        std::vector<std::shared_ptr<const InterfaceFacts>> interfaces;  ///< in the order of the report
        std::shared_ptr<const LnetReport> nids;
        std::uint64_t stamp = 0;
    };
    bool repeats(const SeenNetwork& seen, const struct LinuxNetworkReport& report) const;
    std::uint64_t network_stamp() const;
    /// And for what a host tells of targets, mounts and itself.
    struct SeenLustre {
        std::shared_ptr<const ResourceLocations> locations;
        std::shared_ptr<const TargetMounts> mounts;
        std::shared_ptr<const HostProperties> properties;
        std::shared_ptr<const ClientMounts> client_mounts;
        std::uint64_t stamp = 0;
    };
    bool repeats(const SeenLustre& seen, const LustreReport& report) const;
    std::uint64_t lustre_stamp() const;
    void apply_parts(std::int64_t host, const LustreReport& report);
    struct Seen {
        SeenCluster cluster;
        SeenNetwork network;
        SeenLustre lustre;
    };
    void apply_members(std::int64_t host, std::int64_t corosync, const struct CorosyncReport& report);
    void note_state(ObjectRef object, const std::string& state);
    void note_member(const SeenMember& member, SimTime at);
    void apply_packages(std::int64_t host, const PackagesReport& report);
    void apply_devices(std::int64_t host, const struct LinuxReport& report);
    void apply_locations(const ResourceLocations& locations, SimTime at);
    void apply_location(std::int64_t target, std::optional<std::int64_t> host, SimTime at);
    void apply_mounts(std::int64_t host, const TargetMounts& mounts);
    void apply_client_mounts(std::int64_t host, const ClientMounts& mounts, SimTime at);
    void note_client_mount(std::int64_t id, const ClientMount* reported, SimTime at);
    void apply_figures(std::int64_t host, const TargetMetricsByLabel& figures, SimTime at);
    void note_node_figures(std::int64_t host, const NodeMetrics& node, SimTime at);
    void save_figures(std::int64_t target, const TargetMetrics& figures, SimTime at);
    void note_log_event(std::int64_t host, const std::string& message);
    void note_peers(std::int64_t host, std::vector<std::int64_t> peers);
    void balance(std::vector<std::int64_t> volumes);

    Model& model_;
    Alerts& alerts_;
    JobEngine& engine_;
    std::shared_ptr<const HostProperties> properties_;  ///< the last reported, by whomever
    std::string properties_text_;
    std::unordered_map<std::int64_t, Seen> seen_;  ///< by host
};

}  // namespace csim
