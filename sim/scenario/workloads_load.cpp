// Load that comes from servers: logs and HSM.
#include "sim/cluster_simulator.hpp"
#include "sim/scenario/workload.hpp"

#include <array>
#include <memory>

namespace csim {
namespace {

using Kind = WorkloadParameter::Kind;
using StrikePtr = std::shared_ptr<Strike>;

void log_flood(const StrikePtr& strike) {
    const auto rate = static_cast<std::int64_t>(strike->number("lines"));
    for (const std::string& fqdn : strike->on) {
        if (FakeServer* node = strike->host.simulator.world().find(fqdn)) node->set_log_rate(rate);
    }
}

void log_calm(Strike& strike) {
    for (const std::string& fqdn : strike.on) {
        if (FakeServer* node = strike.host.simulator.world().find(fqdn)) node->set_log_rate(0);
    }
}

/// The filesystems whose coordinators work on this burst.
std::vector<std::string> filesystems(const World& world) {
    std::vector<std::string> names;
    for (const HsmCoordinator* coordinator : world.hsm().coordinators())
        names.push_back(coordinator->filesystem());
    if (names.empty()) names.emplace_back("fs1");
    return names;
}

void hsm_burst(const StrikePtr& strike) {
    World& world = strike->host.simulator.world();
    HsmChances chances;
    world.hsm().set_chances(chances);
    for (const std::string& name : filesystems(world)) {
        if (world.hsm().control(name, "enabled")) strike->kept["enabled"].push_back(name);
        std::int64_t archive = 1;
        for (const FakeServer* node : world.nodes()) {
            if (!node->worker() || !node->up()) continue;
            CopytoolSettings settings{
                .id = name + "-" + node->nodename(),
                .index = archive,
                .bin_path = "/usr/sbin/lhsmtool_posix",
                .archive_number = archive,
                .filesystem = name,
                .mountpoint = "/mnt/" + name,
                .hsm_arguments = "-p /archive"};
            if (!world.hsm().configure_copytool(node->fqdn(), settings)) continue;
            if (world.hsm().start_copytool(node->fqdn(), settings.id))
                strike->kept[node->fqdn()].push_back(settings.id);
            ++archive;
        }
    }
}

void hsm_quiet(Strike& strike) {
    World& world = strike.host.simulator.world();
    for (const auto& [fqdn, tools] : strike.kept) {
        for (const std::string& tool : tools) {
            if (fqdn == "enabled")
                (void)world.hsm().control(tool, "disabled");
            else
                (void)world.hsm().stop_copytool(fqdn, tool);
        }
    }
}

constexpr std::array flood_parameters{
    WorkloadParameter{"lines", Kind::number, 50, 0, 10000, "", "of log in each report"},
};

constexpr std::array<ScenarioWorkload, 2> table{{
    {"hsm_burst",
     ScenarioWorkload::Where::nowhere,
     true,
     false,
     300,
     {},
     &hsm_burst,
     &hsm_quiet,
     "HSM begins on every filesystem, with a copytool on each worker, and ends again."},
    {"log_flood", ScenarioWorkload::Where::server, true, false, 120, flood_parameters, &log_flood, &log_calm,
     "The server's log says a great deal."},
}};

}  // namespace

std::span<const ScenarioWorkload> load_workloads() {
    return table;
}

}  // namespace csim
