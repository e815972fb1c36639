// One simulated server or worker: its life cycle, LNet, cluster daemons, packages, mounts and logs.
#pragma once

#include "core/result.hpp"
#include "fakes/fake_cluster.hpp"
#include "fakes/fakes_context.hpp"
#include "fakes/life_cycle.hpp"
#include "fakes/server_state.hpp"
#include "fakes/server_surroundings.hpp"
#include "fakes/workload_model.hpp"
#include "wire/reports/linux_network.hpp"
#include "wire/reports/systemd_journal.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace csim {

struct NewServer {
    std::int64_t id = 0;
    bool worker = false;
    std::int64_t nid_count = 1;
};

/// Whether a change of phase takes its time.
enum class Pacing { simulated, at_once };

enum class Service { corosync, pacemaker };

/// One entry of a NID request: address, LND type, network; no network means no NID.
struct NidSetting {
    std::string address;
    std::string lnd_type;
    std::optional<std::int64_t> lnd_network;
};

/// State: `fake_server_<fqdn>.json`. Source: the behaviour specification, §3.2 and §4. Differs: see each
/// function.
class FakeServer final : public ClusterNode {
  public:
    /// A new node, off, with the agent package installed.
    FakeServer(
        const FakesContext& context, ServerSurroundings& surroundings, FakeCluster& cluster,
        const NewServer& wanted
    );
    /// One that was saved; call resume() once the whole world is loaded.
    FakeServer(
        const FakesContext& context, ServerSurroundings& surroundings, FakeCluster& cluster,
        ServerState loaded
    );
    ~FakeServer() override;
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;

    const ServerState& operator*() const { return **state_; }
    const ServerState* operator->() const { return &**state_; }
    const std::string& fqdn() const { return (*state_)->fqdn; }
    const std::string& nodename() const { return (*state_)->nodename; }
    bool worker() const { return (*state_)->worker; }
    FakeCluster& cluster() const { return cluster_; }

    // Life cycle (fake_server_life.cpp).

    Phase phase() const;
    bool up() const { return (*state_)->up; }
    /// Anything but off: booting, up or shutting down.
    bool running() const { return phase() != Phase::off; }
    bool has_power() const;
    bool registered() const;

    /// Errors: conflict without power, when not registered, or when it is up or booting already.
    Result<Nothing> boot(Pacing pacing = Pacing::simulated);
    /// Errors: conflict when it is off.
    Result<Nothing> shut_down(Pacing pacing = Pacing::simulated);
    /// Errors: as boot(), but not for being up.
    Result<Nothing> reboot(Pacing pacing = Pacing::simulated);
    /// The last supply went off: it is off at this instant, whatever it was doing. Harmless when it is off.
    void power_lost();
    /// The first supply came back: it boots, if it may.
    void power_restored();
    /// A new agent process on the same running machine. Errors: conflict unless it is up.
    Result<Nothing> restart_agent();
    /// It leaves its cluster, is off, and its certificate goes.
    void deregister();
    /// Takes up after a load: timers begin anew; without power or certificate it is off; one that was up
    /// is up again, without a reboot, and on_up is called.
    void resume();
    /// The documents of the server go, and the cluster forgets it. The object is of no use afterwards.
    void erase();

    // Network (fake_server_network.cpp).

    /// lnet_unloaded, lnet_down or lnet_up.
    std::string_view lnet_state() const;
    void load_lnet();   ///< unloaded → down; otherwise nothing
    void start_lnet();  ///< up; loads it first. Without any NID the first interface gets network 0.
    void stop_lnet();   ///< up → down; otherwise nothing
    void unload_lnet();
    /// Replaces all NIDs. Errors: not_found for an unknown address; then nothing changed.
    Result<Nothing> configure_lnet(const std::vector<NidSetting>& nids);
    void unconfigure_lnet() { (void)configure_lnet({}); }
    /// `10.0.0.4@tcp0`, by interface number.
    std::vector<std::string> nids() const;
    /// Addresses by interface number.
    std::vector<std::string> addresses() const;
    /// The `linux_network` report at this instant. Byte counters are functions of the time since boot.
    LinuxNetworkReport network_report() const;
    /// The same into a report that is empty or an earlier one of this server: only what differs is written.
    void fill_network_report(LinuxNetworkReport& report) const;

    // Cluster daemons (fake_server_services.cpp).

    std::string_view state_of(Service service) const;
    /// Started services are enabled too, as the agent's service actions do. Errors: conflict for pacemaker
    /// without corosync, or on a server that is not up.
    Result<Nothing> start(Service service);
    /// Stopping corosync stops pacemaker. Harmless when stopped.
    void stop(Service service);
    void enable(Service service);
    void set_mcast_port(std::int64_t port);
    /// Stopped, disabled, forgotten by its peers.
    void unconfigure_corosync();
    /// What membership needs: up, and both daemons started.
    bool fit_for_cluster() const;

    // Software, mounts, settings (fake_server_software.cpp).

    /// `{"external": {…}}`; shared until something changes.
    std::shared_ptr<const PackagesReport> packages() const;
    /// Installs the available versions. Errors: not_found for the first unknown package; then nothing
    /// changed.
    Result<Nothing> install(const std::vector<std::string>& names);
    /// Errors: not_found unless it is installed.
    Result<PackageVersion> installed_version(const std::string& name) const;

    /// Mounts `<address>:/<fsname>` below `mountpoint` and brings LNet up. Errors: bad_argument for a
    /// mountspec without `:/`.
    Result<Nothing> mount(const std::string& mountspec, const std::string& mountpoint);
    void unmount(const std::string& mountspec);
    /// Shared until something changes.
    std::shared_ptr<const ClientMounts> client_mounts() const;

    /// Settings without behaviour of their own.
    template <class Change>
    void edit(Change&& change) {
        state_->edit(std::forward<Change>(change));
    }

    // Logs (fake_server_logs.cpp). Nothing of this is on disk.

    void inject_log_message(std::string text);
    void set_log_rate(std::int64_t lines_per_report) { log_rate_ = lines_per_report; }
    std::int64_t log_rate() const { return log_rate_; }
    /// The line that opens every session of the journal.
    JournalLine greeting() const;
    /// Injected lines, then `log_rate` generated ones. Injected lines are handed out once.
    std::vector<JournalLine> take_log_lines();

    const Activity& activity() const { return activity_; }

  private:
    struct InterfaceLook {
        std::string name;
        std::shared_ptr<const InterfaceFacts> facts;
        std::uint64_t rx_per_s = 0, tx_per_s = 0;
    };
    void resource_started(const ResourceState& resource) override;

    void begin(std::unique_ptr<Document<ServerState>> state);
    Result<Nothing> may_boot() const;
    Result<Nothing> command(LifeEvent event, Pacing pacing);
    void apply(const LifeTransition& row);
    void arrive(Phase from, Phase to, LifeEvent on);
    void arrive_up();
    void depart(Departure how);
    void start_timer(Phase phase);
    void phase_elapsed();
    void lose_volatile_state();

    void set_lnet(bool loaded, bool up);
    void set_service(Service service, const char* state);
    void update_membership();
    const std::vector<InterfaceLook>& looks() const;
    const std::shared_ptr<const LnetReport>& lnet_report() const;
    std::vector<std::pair<std::string, const NetworkInterfaceState*>> interfaces() const;

    FakesContext context_;
    ServerSurroundings& surroundings_;
    FakeCluster& cluster_;
    std::unique_ptr<Document<ServerState>> state_;
    EventId timer_;
    Rng life_;
    Activity activity_;

    std::int64_t log_rate_ = 0;
    std::vector<JournalLine> log_lines_;

    mutable std::vector<InterfaceLook> looks_;  ///< by interface number; empty until a report asks
    mutable std::shared_ptr<const LnetReport> lnet_report_;
    mutable std::shared_ptr<const PackagesReport> packages_;
    mutable std::uint64_t packages_version_ = 0;
    mutable std::shared_ptr<const ClientMounts> client_mounts_;
};

/// `fake_server_<fqdn>.json`.
std::string server_document(const std::string& fqdn);
/// Names of all saved servers' documents, ascending.
std::vector<std::string> server_documents(const StateStore& store);
/// One saved server; also as the original simulator saved it. A missing cluster id is made of `cluster_size`
/// (-1 for workers). Throws Fatal when it cannot be read.
ServerState load_server_state(
    const StateStore& store, const std::string& document, std::int64_t cluster_size
);

}  // namespace csim
