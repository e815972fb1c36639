// Power and the life of machines.
#include "sim/cluster_simulator.hpp"
#include "sim/scenario/workload.hpp"

#include <array>
#include <memory>

namespace csim {
namespace {

using Kind = WorkloadParameter::Kind;
using StrikePtr = std::shared_ptr<Strike>;

void power(Strike& strike, OutletCommand what) {
    for (const std::string& fqdn : strike.on)
        (void)strike.host.simulator.world().power().command_server(fqdn, what);
}

void cut(const StrikePtr& strike) {
    power(*strike, OutletCommand::off);
}

void restore(const StrikePtr& strike) {
    power(*strike, OutletCommand::on);
}

void restored(Strike& strike) {
    power(strike, OutletCommand::on);
}

void flap(const StrikePtr& strike, bool on, std::int64_t left) {
    if (strike->over || left == 0) return;
    power(*strike, on ? OutletCommand::on : OutletCommand::off);
    strike->host.timeline.after(strike->span("period") / 2, [strike, on, left] {
        flap(strike, !on, left - 1);
    });
}

void power_flap(const StrikePtr& strike) {
    flap(strike, false, static_cast<std::int64_t>(strike->number("times")) * 2);
}

void upgrade_next(const StrikePtr& strike, std::size_t next) {
    if (strike->over || next >= strike->on.size()) return;
    (void)strike->host.simulator.reboot_server(strike->on[next]);
    strike->host.timeline.after(strike->span("pause"), [strike, next] { upgrade_next(strike, next + 1); });
}

/// The catalogue grows, then the servers boot into it one after the other.
void rolling_upgrade(const StrikePtr& strike) {
    auto& simulator = strike->host.simulator;
    PackageVersions packages;
    const auto release = std::to_string(strike->chance.between(100, 999));
    packages["lustre"] = PackageVersion{0, "2.9." + release, "1", "x86_64"};
    (void)simulator.update_packages(packages, "server");
    upgrade_next(strike, 0);
}

constexpr std::array flap_parameters{
    WorkloadParameter{"times", Kind::number, 3, 1, 100, "", "how often the power goes and comes back"},
    WorkloadParameter{"period", Kind::span, 20, 0.1, 86400, "", "from one cut to the next"},
};
constexpr std::array upgrade_parameters{
    WorkloadParameter{"pause", Kind::span, 180, 1, 86400, "", "from one server to the next"},
};

constexpr std::array<ScenarioWorkload, 4> table{{
    {"cut_power",
     ScenarioWorkload::Where::server,
     true,
     true,
     120,
     {},
     &cut,
     &restored,
     "Every outlet of the server goes off at once; its targets move to its peer. The power comes back after "
     "`lasts`."},
    {"power_flap", ScenarioWorkload::Where::server, true, true, 120, flap_parameters, &power_flap, &restored,
     "The power goes and comes back several times, also in the middle of a boot."},
    {"restore_power",
     ScenarioWorkload::Where::server,
     true,
     false,
     0,
     {},
     &restore,
     nullptr,
     "Every outlet of the server goes on."},
    {"rolling_upgrade", ScenarioWorkload::Where::server, true, true, 600, upgrade_parameters,
     &rolling_upgrade, nullptr, "Newer packages become available, and the servers boot one after the other."},
}};

}  // namespace

std::span<const ScenarioWorkload> power_workloads() {
    return table;
}

}  // namespace csim
