// `cluster-sim doctor`: what a fleet of this size needs, and what is here.
#include "apps/cluster_sim/options.hpp"
#include "core/json.hpp"
#include "sim/budget.hpp"
#include "sim/control/loopback.hpp"
#include "sim/manager_url.hpp"
#include "sim/text_table.hpp"

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

}  // namespace

int doctor_command(const CommonOptions& common, int server_count, bool with_manager, bool json) {
    const auto manager = parse_manager_url(common.url);
    if (!manager) throw Fatal(manager.error().detail, 2);
    const bool here = is_loopback(manager->host);
    const auto checks = check_budget(
        {.servers = server_count, .with_manager = with_manager || here, .loopback = here}, read_machine()
    );
    if (json) {
        std::cout << as_json(checks).dump(2) << "\n";
    } else {
        write_people(checks);
    }
    for (const BudgetCheck& each : checks) {
        if (!each.ok) return 1;
    }
    return 0;
}

}  // namespace csim
