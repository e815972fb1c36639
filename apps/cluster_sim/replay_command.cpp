// `cluster-sim replay`, `snapshot`, `fork` and `revive`: come back to a moment of a run, and go on from
// there.
#include "apps/cluster_sim/virtual_run.hpp"
#include "core/duration_text.hpp"
#include "sim/explore/swarm.hpp"
#include "sim/vtime/snapshot.hpp"

#include <iostream>

namespace csim {
namespace {

SwarmCase wanted_case(const SimulateOptions& options) {
    SwarmCase wanted{options.explored, {}, {}};
    if (options.servers_given) wanted.servers = options.servers;
    if (options.keep.empty()) return wanted;
    auto keep = parse_keep(options.keep);
    if (!keep) throw Fatal("--keep " + keep.error().detail, 2);
    for (const std::size_t number : *keep) {
        if (number < swarm_faults(wanted.seed)) continue;
        throw Fatal(
            "--keep " + options.keep + ": seed " + std::to_string(wanted.seed) + " has only " +
                std::to_string(swarm_faults(wanted.seed)) + " faults, numbered from 0",
            2
        );
    }
    wanted.keep = std::move(*keep);
    return wanted;
}

SimulationOptions wanted_run(const CommonOptions& common, const SimulateOptions& options) {
    if (options.is_explored && !options.scenario.empty())
        throw Fatal("give either --explored or --scenario, not both", 2);
    if (options.is_explored) return swarm_options(wanted_case(options));
    SimulationOptions wanted;
    wanted.scenario = wanted_scenario(options);
    wanted.seed = common.seed;
    return wanted;
}

std::string line_of(const CommonOptions& common, const SimulateOptions& options) {
    if (!options.from.empty()) return "cluster-sim replay --from " + options.from;
    if (options.is_explored) return swarm_line(wanted_case(options));
    std::string line = "cluster-sim replay --seed " + std::to_string(common.seed);
    if (!options.scenario.empty()) line += " --scenario " + options.scenario;
    if (options.scenario.empty() || options.servers_given)
        line += " --servers " + std::to_string(options.servers);
    if (options.scenario.empty() || options.span_given) line += " --for " + options.span;
    if (options.su_size_given) line += " --su_size " + std::to_string(options.su_size);
    return options.until.empty() ? line : line + " --until " + options.until;
}

/// The moment to stop at, if one was asked for.
std::optional<SimTime> moment(const SimulateOptions& options, const Simulation& simulation) {
    if (options.until.empty()) return std::nullopt;
    const SimTime until = virtual_start() + parsed_span(options.until, "--until");
    if (until > simulation.end()) {
        throw Fatal(
            "--until " + options.until + " lies behind the end of the run, which is " +
                duration_text(simulation.end() - virtual_start()) + " after its start",
            2
        );
    }
    return until;
}

void require_later(
    const std::optional<SimTime>& until, Simulation& simulation, const SimulateOptions& options
) {
    const SimTime now = simulation.cluster().timeline().now();
    if (!until || *until >= now) return;
    throw Fatal(
        "--until " + options.until + " lies before the snapshot, which was taken at " +
            duration_text(now - virtual_start()),
        2
    );
}

}  // namespace

int replay_command(const CommonOptions& common, const SimulateOptions& options) {
    VirtualRun run(options, options.is_explored ? options.explored : common.seed, line_of(common, options));
    if (!options.from.empty()) {
        run.use(rebuild(read_snapshot(options.from), run.quiet()));
    } else {
        run.use(std::make_unique<Simulation>(wanted_run(common, options)));
    }
    const auto until = moment(options, run.simulation());
    require_later(until, run.simulation(), options);
    run.go(until);
    const int status = run.conclude();
    if (!until) return status;
    for (const std::string& line : run.simulation().cluster().trace().recent())
        std::cerr << "  " << line << "\n";
    return status;
}

int snapshot_command(const CommonOptions& common, const SimulateOptions& options) {
    if (options.until.empty()) throw Fatal("say when with --until, such as --until 90m", 2);
    const SimulationOptions wanted = wanted_run(common, options);
    VirtualRun run(options, wanted.seed, line_of(common, options));
    run.use(std::make_unique<Simulation>(wanted));
    run.go(moment(options, run.simulation()));
    write_snapshot(options.snapshot, take_snapshot(run.simulation(), wanted));
    std::cerr << "cluster-sim: the snapshot is in " << options.snapshot << "\n";
    return run.conclude();
}

int fork_command(const CommonOptions& common, const SimulateOptions& options) {
    VirtualRun run(
        options, common.seed,
        "cluster-sim fork " + options.from + " --seed " + std::to_string(common.seed) +
            (options.scenario.empty() ? "" : " --scenario " + options.scenario) + " --for " + options.span
    );
    run.use(rebuild(read_snapshot(options.from), run.quiet()));
    Scenario other = wanted_scenario(options);
    if (options.span_given) other.duration = parsed_span(options.span, "--for");
    run.simulation().divert(std::move(other), common.seed);
    run.go(std::nullopt);
    return run.conclude();
}

int revive_command(const CommonOptions& common, const SimulateOptions& options) {
    const std::string manager =
        options.manager_folder.empty() ? common.config + "_manager" : options.manager_folder;
    revive(read_snapshot(options.from), common.config, manager);
    std::cout << "the cluster is in " << common.config << ", its manager in " << manager
              << "; bring them to life with\n  cluster-sim-manager --state " << manager
              << "\n  cluster-sim --config " << common.config << " run\n";
    return 0;
}

}  // namespace csim
