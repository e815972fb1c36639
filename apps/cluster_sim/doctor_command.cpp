// `cluster-sim doctor`: what a fleet of this size needs, environments, or so many connections, and what is
// here.
#include "apps/cluster_sim/doctor_command.hpp"

#include "connections/fleet/preflight.hpp"
#include "core/json.hpp"
#include "runtime/ve/kernel_limits.hpp"
#include "sim/budget.hpp"
#include "sim/control/loopback.hpp"
#include "sim/manager_url.hpp"
#include "sim/text_table.hpp"

#include <CLI/Validators.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

namespace csim {
namespace {

Json as_json(const std::vector<BudgetCheck>& checks) {
    Json list = Json::array();
    for (const BudgetCheck& each : checks) {
        list.push_back(
            {{"name", each.name},
             {"needed", each.needed},
             {"present", each.present},
             {"ok", each.ok},
             {"advice", each.advice}}
        );
    }
    return {{"checks", std::move(list)}};
}

void write_people(const std::vector<BudgetCheck>& checks) {
    TextTable table({"LIMIT", "NEEDED", "PRESENT", "", "ADVICE"});
    for (const BudgetCheck& each : checks) {
        table.add(
            {each.name, std::to_string(each.needed), std::to_string(each.present), each.ok ? "ok" : "TOO LOW",
             each.advice}
        );
    }
    table.write(std::cout);
}

/// What environments need of the kernel, in the words of a fleet's checks.
void add_environments(std::vector<BudgetCheck>& checks, const DoctorOptions& o) {
    if (o.environments == 0) return;
    for (const LimitForecast& each : foresee(o.environments, !o.no_network)) {
        BudgetCheck check;
        check.name = "environments: " + each.name;
        check.needed = each.needed;
        check.present = each.present;
        check.ok = each.ok;
        check.advice = each.advice;
        checks.push_back(std::move(check));
    }
}

std::vector<BudgetCheck> of_fleet(const CommonOptions& common, const DoctorOptions& o) {
    const auto manager = parse_manager_url(common.url);
    if (!manager) throw Fatal(manager.error().detail, 2);
    const bool here = is_loopback(manager->host);
    auto checks = check_budget(
        {.servers = o.servers, .with_manager = o.with_manager || here, .loopback = here}, read_machine()
    );
    add_environments(checks, o);
    return checks;
}

std::vector<BudgetCheck> of_connections(const DoctorOptions& o) {
    connections::PreflightDemand demand;
    demand.connections = static_cast<std::uint64_t>(o.connections);
    demand.local_server = !o.remote_server;
    demand.hibernating = !o.full_tls;
    std::vector<BudgetCheck> made;
    for (const auto& each : connections::preflight(demand, connections::read_limits()))
        made.push_back({each.name, each.needed, each.present, each.ok, each.advice});
    return made;
}

int doctor(const CommonOptions& common, const DoctorOptions& o) {
    const auto checks = o.connections > 0 ? of_connections(o) : of_fleet(common, o);
    if (o.json) {
        std::cout << as_json(checks).dump(2) << "\n";
    } else {
        write_people(checks);
    }
    for (const BudgetCheck& each : checks) {
        if (!each.ok) return 1;
    }
    return 0;
}

}  // namespace

void add_doctor(CLI::App& app, DoctorOptions& o, const CommonOptions& common, std::function<int()>& body) {
    CLI::App* command =
        app.add_subcommand("doctor", "Check whether this machine can carry a fleet, or so many connections");
    command->add_option("--server_count", o.servers, "Size of the fleet")
        ->check(CLI::Range(1, 10'000'000))
        ->type_name("N")
        ->capture_default_str();
    command->add_flag("--with_manager", o.with_manager, "The embedded manager runs on this machine, too");
    command->add_option("--environments", o.environments, "So many environments of 've', besides")
        ->check(CLI::Range(1, 16'500'000))
        ->type_name("N");
    command->add_flag("--no_network", o.no_network, "The environments have loopback only");
    command
        ->add_option(
            "--connections", o.connections,
            "Instead: what 'cluster-sim-benchmark connections' needs for so many, with its server here"
        )
        ->check(CLI::Range(1, 10'000'000))
        ->type_name("N");
    command->add_flag("--remote_server", o.remote_server, "The server of those connections is elsewhere");
    command->add_flag("--full_tls", o.full_tls, "They do not hibernate");
    command->add_flag("--json", o.json, "For programs");
    command->callback([&o, &common, &body] { body = [&o, &common] { return doctor(common, o); }; });
}

}  // namespace csim
