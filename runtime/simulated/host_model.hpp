// What a simulated container host costs and where it gives out, as parameters. Figures for the old daemon are
// hypotheses (its causes were never published); those of "lxd-5" and "namespaces" were measured on real ones.
#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "runtime/node_types.hpp"

#include <string>
#include <vector>

namespace csim {

/// What happens to a node that asks for more than there is.
enum class AtLimit {
    fails,   ///< the operation is refused
    wedges,  ///< the operation never ends
    silent,  ///< nothing is refused; replies vanish, or the job never starts
};

struct HostResource {
    std::string name;
    double capacity = 0;
    double baseline = 0;     ///< taken by the host itself
    double per_created = 0;  ///< from create to destroy
    double per_running = 0;  ///< from start to stop
    AtLimit at_limit = AtLimit::fails;
    bool network_only = false;  ///< taken by nodes with an address alone
};

/// Chance that a transition never ends: p0 * ((in flight - c0)+ / c0)^k, times the phase's weight.
struct WedgeRule {
    double p0 = 0;
    double k = 1;
    int c0 = 16;
    double start_weight = 0.2, stop_weight = 0.2, destroy_weight = 0.6;
    double list_blocks = 0;       ///< chance that the wedge takes the daemon's list with it
    double force_recovers = 0.5;  ///< chance that a forced stop ends it; a hypothesis
};

struct ScriptedWedge {
    NodePhase phase = NodePhase::start;
    int nth = 1;  ///< which transition of that phase, from 1
};

/// What a client of the daemon spends around its calls; seen in the published trace only.
struct ClientSteps {
    Duration prepare{}, init{}, after_init{}, state_check{}, after_boot{}, after_stop{};
};

struct HostModel {
    std::string name;
    Duration create{}, boot{}, exec{}, stop{}, destroy{};  ///< means, uncontended; exec of one command
    double sigma = 0.15;                                   ///< of the lognormal factor; 0: no jitter
    double cpu_share = 0.3;                                ///< of a phase that competes for processors
    int cpus = 2;
    Duration rtnl_hold{};    ///< of the kernel's one network lock, for each node with an address
    Duration rtnl_delete{};  ///< the same when such a node stops and its interfaces go
    int slots = 32;          ///< operations that the host works on at once; more wait in line
    ClientSteps client = {};
    std::vector<HostResource> resources;
    WedgeRule wedge = {};
    std::vector<ScriptedWedge> scripted = {};
    bool legacy_names = false;

    HostResource* find(const std::string& resource);
};

/// "lxd-2015", "lxd-5", "namespaces", "roomy", "docker". Errors: not_found, with the list.
Result<HostModel> host_model(const std::string& name);
std::vector<std::string> host_model_names();

/// Sets `resource` so that exactly `nodes` running ones fit. Errors: not_found, with the list of resources.
Result<Nothing> limit_nodes(HostModel& model, const std::string& resource, std::uint64_t nodes);

}  // namespace csim
