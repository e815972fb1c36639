// `cluster-sim simulate`: days of a cluster in seconds. `cluster-sim scenario check`.
#include "apps/cluster_sim/virtual_run.hpp"
#include "core/duration_text.hpp"
#include "sim/scenario/scenario_run.hpp"

#include <iostream>

namespace csim {
namespace {

std::string reproduce_line(const CommonOptions& common, const SimulateOptions& options) {
    std::string line = "cluster-sim simulate --seed " + std::to_string(common.seed);
    if (!options.scenario.empty()) line += " --scenario " + options.scenario;
    if (options.scenario.empty() || options.servers_given)
        line += " --servers " + std::to_string(options.servers);
    if (options.scenario.empty() || options.span_given) line += " --for " + options.span;
    if (options.su_size_given) line += " --su_size " + std::to_string(options.su_size);
    if (options.world_only) line += " --world_only";
    return line;
}

void require_no_manager(const Scenario& scenario) {
    std::string needed;
    for (const std::string& name : not_live(scenario)) needed += (needed.empty() ? "" : ", ") + name;
    if (!needed.empty()) throw Fatal("--world_only has no manager, which this scenario needs: " + needed, 2);
}

}  // namespace

int simulate_command(const CommonOptions& common, const SimulateOptions& options) {
    SimulationOptions wanted;
    wanted.scenario = wanted_scenario(options);
    wanted.seed = common.seed;
    wanted.checks = !options.no_checks;
    wanted.world_only = options.world_only;
    if (options.world_only) require_no_manager(wanted.scenario);
    VirtualRun run(options, common.seed, reproduce_line(common, options));
    run.use(std::make_unique<Simulation>(std::move(wanted)));
    run.go(std::nullopt);
    return run.conclude();
}

int scenario_check_command(const std::vector<std::string>& files) {
    int status = 0;
    for (const std::string& file : files) {
        try {
            const Scenario scenario = load_scenario(file);
            std::cout << file << ": good, " << scenario.steps.size() << " steps over "
                      << duration_text(scenario.duration) << "\n";
        } catch (const Fatal& fault) {
            std::cerr << "cluster-sim: " << fault.what() << "\n";
            status = 1;
        }
    }
    return status;
}

}  // namespace csim
