// What agents report, turned into changes of the model. Only real changes are made: what repeats costs
// nothing. Source: the manager API, §4.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "manager/model/alerts.hpp"
#include "wire/body.hpp"
#include "wire/reports/linux.hpp"
#include "wire/reports/linux_network.hpp"
#include "wire/reports/lustre.hpp"

#include <array>
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
    /// What numbers of rows there are: they differ whenever rows came, went or alerts ended.
    using Rows = std::array<std::int64_t, 9>;
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
        Rows rows{};
        std::vector<SeenMember> members;
        const HostRow* host = nullptr;
        const CorosyncRow* corosync = nullptr;
        const PacemakerRow* pacemaker = nullptr;  ///< null: it has none
    };
    bool repeats(std::int64_t host, const struct CorosyncReport& report);
    bool same_services(const SeenCluster& seen, const struct CorosyncReport& report) const;
    /// The same for interfaces and NIDs.
    struct SeenNetwork {
        struct Interface {
            const InterfaceRow* row = nullptr;
            std::shared_ptr<const InterfaceFacts> facts;
            std::optional<NidPart> nid;
        };
        std::vector<Interface> interfaces;  ///< in the order of the report
        std::shared_ptr<const LnetReport> nids;
        const HostRow* host = nullptr;
        const LNetRow* lnet = nullptr;
        std::array<std::int64_t, 6> rows{};
    };
    bool repeats(std::int64_t host, const struct LinuxNetworkReport& report) const;
    void remember(std::int64_t host, const struct LinuxNetworkReport& report);
    std::array<std::int64_t, 6> network_rows() const;
    void apply_members(std::int64_t host, std::int64_t corosync, const struct CrmInfo& crm);
    Rows rows() const;
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
    std::unordered_map<std::int64_t, SeenCluster> seen_clusters_;  ///< by host
    std::unordered_map<std::int64_t, SeenNetwork> seen_networks_;
};

}  // namespace csim
