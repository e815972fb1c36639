// Fleet, world and embedded manager in one process under one virtual clock: what happens follows from the
// options and the seed alone. The same agents, fakes and manager as in live runs; only transport and pace
// differ.
#pragma once

#include "manager/manager.hpp"
#include "manager/plain_signer.hpp"
#include "sim/cluster_simulator.hpp"
#include "sim/vtime/virtual_network.hpp"
#include "sim/vtime/virtual_parts.hpp"
#include "sim/vtime/virtual_power.hpp"
#include "sim/vtime/virtual_rest.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace csim {

/// Where virtual time begins: the same in every run, so that equal runs are equal to the byte.
SimTime virtual_start();

struct VirtualOptions {
    Setup setup;
    std::uint64_t seed = 1;
    LinkConditions link = quiet_network();
    LifeTimes life{.boot = 45s, .shutdown = 20s, .jitter = 10s};
    Duration failure_detection = 5s;  ///< of the HA clusters
    Duration start_spread = 10s;
    bool with_manager = true;
};

class VirtualCluster {
  public:
    /// Makes the cluster; nothing is registered yet. Throws Fatal for a setup that cannot exist.
    explicit VirtualCluster(const VirtualOptions& options);
    ~VirtualCluster();
    VirtualCluster(const VirtualCluster&) = delete;
    VirtualCluster& operator=(const VirtualCluster&) = delete;

    /// Runs one event and saves what it changed. False if nothing is left to happen.
    bool run_one();
    void run_until(SimTime end);

    /// Registers every node that is not registered yet, over a token that a user makes. Tries again until all
    /// are.
    void register_all();
    /// One node, again after its certificate was lost or revoked.
    void register_node(const std::string& fqdn);

    /// The manager's process dies as by kill -9.
    void kill_manager();
    void start_manager();
    bool manager_alive() const { return manager_ != nullptr; }
    /// Its disk has no space left: it ends at the first change that cannot be kept.
    void fill_manager_disk();
    /// There is space again; the manager starts if its disk had stopped it.
    void free_manager_disk();

    Timeline& timeline() { return timeline_; }
    Trace& trace() { return trace_; }
    ClusterSimulator& simulator() { return *simulator_; }
    VirtualNetwork& network() { return network_; }
    VirtualRest& rest() { return rest_; }
    /// Requires: manager_alive().
    ManagerCore& manager() { return *manager_; }
    VirtualDisk& world_disk() { return world_disk_; }
    VirtualDisk& manager_disk() { return manager_disk_; }
    const VirtualOptions& options() const { return options_; }

    /// Over every traced event so far and the saved state of both sides.
    std::uint64_t digest();
    std::uint64_t manager_starts() const { return manager_starts_; }

  private:
    class Watch;
    void save();
    void after_event();

    VirtualOptions options_;
    Rng run_;
    Timeline timeline_;
    Trace trace_;
    TimelineInbox inbox_;
    VirtualDisk world_disk_;
    VirtualDisk manager_disk_;
    Documents world_documents_;
    std::unique_ptr<Documents> manager_documents_;
    PlainSigner signer_;
    PlainIdentities identities_;
    VirtualNetwork network_;
    VirtualRest rest_;
    std::map<std::string, std::unique_ptr<Watch>> watches_;
    std::unique_ptr<ClusterSimulator> simulator_;
    std::unique_ptr<VirtualPower> power_;
    std::unique_ptr<ManagerCore> manager_;
    std::uint64_t manager_starts_ = 0;
    bool stopped_by_disk_ = false;
    std::string server_secret_;
    std::string worker_secret_;
};

}  // namespace csim
