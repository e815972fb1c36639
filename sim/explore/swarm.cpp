#include "sim/explore/swarm.hpp"

#include "sim/scenario/workload.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace csim {
namespace {

constexpr std::uint64_t events_max = 20'000'000;

Duration whole_seconds(double seconds) {
    return Duration(static_cast<std::int64_t>(seconds)) * 1'000'000'000;
}

/// From a little to a lot, every magnitude alike.
Duration log_uniform(Rng& chance, double low, double high) {
    return whole_seconds(low * std::pow(high / low, chance.unit()));
}

/// Which faults this seed knows, each as often as it weighs.
std::vector<const ScenarioWorkload*> palette(Rng& chance) {
    std::vector<const ScenarioWorkload*> all;
    for (const ScenarioWorkload& row : workload_table()) {
        const bool background =
            row.name == "log_flood" || row.name == "client_load" || row.name == "hsm_burst";
        if (!row.fault && !background) continue;
        if (!chance.chance({1, 2})) continue;
        const auto weight = chance.between(1, 8);
        for (std::int64_t i = 0; i < weight; ++i) all.push_back(&row);
    }
    if (all.empty()) all.push_back(find_workload("cut_power"));
    return all;
}

double random_value(const WorkloadParameter& parameter, Rng& chance) {
    if (parameter.kind == WorkloadParameter::Kind::choice)
        return static_cast<double>(chance.between(0, static_cast<std::int64_t>(parameter.high)));
    // Around the standard value, whatever the range is: the extremes belong to scenarios of their own.
    const double value = std::round(parameter.standard * (0.25 + 2.75 * chance.unit()) * 100) / 100;
    return std::clamp(value, parameter.low, parameter.high);
}

ScenarioStep random_fault(
    const std::vector<const ScenarioWorkload*>& among, Duration run, Rng& chance, double longest
) {
    ScenarioStep step;
    const auto pick = chance.between(0, static_cast<std::int64_t>(among.size()) - 1);
    step.workload = among[static_cast<std::size_t>(pick)];
    const auto end = static_cast<std::int64_t>(run.count() / 1'000'000'000);
    step.at = Duration(chance.between(20, std::max<std::int64_t>(end - 60, 21))) * 1'000'000'000;
    step.lasts = log_uniform(chance, 1, longest);
    if (step.workload->where != ScenarioWorkload::Where::nowhere) {
        step.on.clear();
        const std::int64_t places = chance.chance({3, 4}) ? 1 : chance.between(2, 4);
        for (std::int64_t i = 0; i < places; ++i)
            step.on.push_back("#" + std::to_string(chance.between(0, 63)));
    }
    for (const WorkloadParameter& parameter : step.workload->parameters)
        step.numbers[std::string(parameter.name)] = random_value(parameter, chance);
    if (step.workload->name == "client_load") step.numbers["per_second"] = 0.5;
    return step;
}

struct Swarm {
    Scenario scenario;
    std::vector<ScenarioStep> faults;
};

Swarm swarm_of(std::uint64_t seed) {
    Rng chance = Rng(seed).stream("swarm");
    Swarm made;
    Scenario& scenario = made.scenario;
    scenario.name = "seed " + std::to_string(seed);
    scenario.setup.cluster_size = chance.chance({2, 3}) ? 2 : 4;
    scenario.setup.server_count = static_cast<int>(chance.between(1, 4)) * scenario.setup.cluster_size;
    scenario.setup.server_count = std::min(scenario.setup.server_count, 12);
    scenario.setup.worker_count = static_cast<int>(chance.between(0, 1));
    scenario.setup.nid_count = static_cast<int>(chance.between(1, 2));
    scenario.setup.psu_count = static_cast<int>(chance.between(1, 2));
    if (chance.chance({1, 4})) scenario.setup.su_size = scenario.setup.cluster_size;
    scenario.duration = whole_seconds(static_cast<double>(chance.between(10, 60)) * 60);
    scenario.settle = whole_seconds(20 * 60);
    const auto among = palette(chance);
    const double longest = chance.chance({1, 2}) ? 30 : 400;
    const auto count = chance.between(1, 24);
    for (std::int64_t i = 0; i < count; ++i)
        made.faults.push_back(random_fault(among, scenario.duration, chance, longest));
    std::stable_sort(made.faults.begin(), made.faults.end(), [](const auto& a, const auto& b) {
        return a.at < b.at;
    });
    ScenarioStep registration;
    registration.workload = find_workload("register_all");
    ScenarioStep filesystem;
    filesystem.workload = find_workload("create_filesystem");
    filesystem.at = whole_seconds(static_cast<double>(chance.between(1, 90)));
    filesystem.numbers["osts"] = static_cast<double>(chance.between(1, 2));
    scenario.steps = {registration, filesystem};
    const bool power_jobs = std::any_of(among.begin(), among.end(), [](const ScenarioWorkload* row) {
        return row->name == "power_command";
    });
    if (!power_jobs) return made;
    ScenarioStep strips;
    strips.workload = find_workload("watch_power");
    scenario.steps.push_back(strips);
    return made;
}

}  // namespace

std::size_t swarm_faults(std::uint64_t seed) {
    return swarm_of(seed).faults.size();
}

Scenario swarm_scenario(const SwarmCase& of) {
    Swarm swarm = swarm_of(of.seed);
    Setup& setup = swarm.scenario.setup;
    if (of.servers) setup.server_count = *of.servers;
    // Fewer servers than make whole scalable units do without.
    if (setup.su_size > 0 && setup.server_count % setup.su_size != 0) setup.su_size = 0;
    for (std::size_t i = 0; i < swarm.faults.size(); ++i) {
        const bool kept = !of.keep || std::find(of.keep->begin(), of.keep->end(), i) != of.keep->end();
        if (kept) swarm.scenario.steps.push_back(swarm.faults[i]);
    }
    return std::move(swarm.scenario);
}

std::string swarm_line(const SwarmCase& of) {
    std::string line = "cluster-sim replay --explored " + std::to_string(of.seed);
    if (of.servers) line += " --servers " + std::to_string(*of.servers);
    if (!of.keep) return line;
    line += " --keep ";
    if (of.keep->empty()) line += "none";
    for (std::size_t i = 0; i < of.keep->size(); ++i)
        line += (i > 0 ? "," : "") + std::to_string((*of.keep)[i]);
    return line;
}

Result<std::vector<std::size_t>> parse_keep(const std::string& text) {
    std::vector<std::size_t> keep;
    if (text == "none") return keep;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        const std::string word = text.substr(at, end - at);
        const bool digits =
            !word.empty() && word.size() < 7 && word.find_first_not_of("0123456789") == std::string::npos;
        if (!digits) return Error{Errc::bad_argument, "'" + text + "' is no list of numbers such as 1,4,5"};
        keep.push_back(std::stoul(word));
        at = end + 1;
    }
    return keep;
}

SimulationOptions swarm_options(const SwarmCase& of) {
    SimulationOptions options;
    options.scenario = swarm_scenario(of);
    options.seed = of.seed;
    Rng chance = Rng(of.seed).stream("detection");
    options.failure_detection = whole_seconds(static_cast<double>(chance.between(0, 10)));
    return options;
}

SwarmOutcome run_swarm(const SwarmCase& of) {
    SimulationOptions options = swarm_options(of);
    options.events_per_progress = 100'000;
    Simulation simulation(std::move(options));
    bool endless = false;
    const SimulationResult result = simulation.run([&](SimTime, std::uint64_t events) {
        endless = events > events_max;
        return !endless;
    });
    SwarmOutcome outcome;
    outcome.events = result.events;
    outcome.faults = result.faults;
    outcome.simulated_seconds = std::chrono::duration<double>(result.simulated).count();
    outcome.digest = result.digest;
    if (endless) {
        outcome.invariant = "C-0";
        outcome.sentence = "the run does not come to an end: " + std::to_string(result.events) + " events";
    } else if (!result.violations.empty()) {
        outcome.invariant = result.violations.front().violation.invariant;
        outcome.sentence = result.violations.front().violation.sentence;
    }
    return outcome;
}

}  // namespace csim
