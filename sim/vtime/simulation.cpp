#include "sim/vtime/simulation.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace csim {
namespace {

constexpr Duration settle_look = 5s;
constexpr std::size_t violations_max = 20;

VirtualOptions cluster_options(const SimulationOptions& options) {
    VirtualOptions made;
    made.setup = options.scenario.setup;
    made.seed = options.seed;
    made.failure_detection = options.failure_detection;
    made.with_manager = !options.world_only;
    return made;
}

bool registers(const Scenario& scenario) {
    return std::any_of(scenario.steps.begin(), scenario.steps.end(), [](const ScenarioStep& step) {
        return step.workload->name == "register_all";
    });
}

}  // namespace

std::string digest_text(std::uint64_t digest) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(digest));
    return text;
}

Simulation::Simulation(SimulationOptions options)
    : options_(std::move(options)),
      cluster_(std::make_unique<VirtualCluster>(cluster_options(options_))),
      begin_(cluster_->timeline().now()) {
    start_scenario(options_.scenario, options_.seed);
    if (options_.checks) watch_ = std::make_unique<WorldWatch>(*cluster_, scenario_);
    next_check_ = begin_ + options_.check_period;
}

Simulation::~Simulation() {
    // Whoever watches hears of the end of the cluster as well.
    scenario_.reset();
    cluster_.reset();
}

void Simulation::start_scenario(Scenario scenario, std::uint64_t seed) {
    const ScenarioHost host{
        cluster_->timeline(), cluster_->trace(), cluster_->simulator(), cluster_->network(), cluster_.get()};
    end_ = cluster_->timeline().now() + scenario.duration;
    scenario_ = std::make_unique<ScenarioRun>(host, std::move(scenario), Rng(seed).stream("scenario"));
}

void Simulation::divert(Scenario scenario, std::uint64_t seed) {
    scenario_->heal_all();
    earlier_faults_ += scenario_->begun();
    options_.scenario.settle = scenario.settle;
    start_scenario(std::move(scenario), seed);
    scenario_->start();
    begun_ = true;
}

void Simulation::begin() {
    if (std::exchange(begun_, true)) return;
    if (!options_.world_only && !registers(options_.scenario)) cluster_->register_all();
    scenario_->start();
}

/// Looks at everything take longer the more nodes there are; their share of the time stays the same.
Duration Simulation::check_pause() const {
    constexpr std::int64_t nodes_of_usual_pause = 60;
    const auto nodes = static_cast<std::int64_t>(cluster_->simulator().world().node_count());
    return options_.check_period * std::max<std::int64_t>(1, nodes / nodes_of_usual_pause);
}

bool Simulation::found(std::vector<Violation> violations) {
    if (violations.empty()) return false;
    if (violations.size() > violations_max) violations.resize(violations_max);
    for (Violation& each : violations)
        result_.violations.push_back({cluster_->timeline().now(), std::move(each)});
    result_.around = cluster_->trace().recent();
    return true;
}

/// Runs to `end`; false when the run is over before.
bool Simulation::step(SimTime end, const Progress& progress) {
    Timeline& timeline = cluster_->timeline();
    for (auto due = timeline.next_due(); due && *due <= end; due = timeline.next_due()) {
        if (watch_ != nullptr && *due >= next_check_) {
            next_check_ = *due + check_pause();
            if (found(watch_->all())) return false;
        }
        cluster_->run_one();
        if (observer_) observer_();
        if (watch_ != nullptr && found(watch_->after_event())) return false;
        if (++events_told_ < options_.events_per_progress || !progress) continue;
        events_told_ = 0;
        if (!progress(timeline.now(), timeline.events_run())) {
            stopped_ = true;
            return false;
        }
    }
    timeline.advance_to(std::max(end, timeline.now()));
    return true;
}

/// Looks again and again until everything is well, or the time for it is over.
void Simulation::settle(const Progress& progress) {
    scenario_->heal_all();
    const SimTime from = std::max(scenario_->last_healed(), end_);
    const SimTime limit = from + options_.scenario.settle;
    while (cluster_->timeline().now() < limit) {
        const SimTime next = std::min(limit, cluster_->timeline().now() + settle_look);
        if (!step(next, progress)) return;
        if (watch_->unsettled().empty()) {
            result_.settled_after = cluster_->timeline().now() - from;
            return;
        }
    }
    (void)found(watch_->unsettled());
}

bool Simulation::advance(SimTime at, const Progress& progress) {
    begin();
    return result_.violations.empty() && step(at, progress);
}

SimulationResult Simulation::run(const Progress& progress) {
    if (advance(end_, progress) && watch_ != nullptr && !options_.world_only) settle(progress);
    return result();
}

SimulationResult Simulation::result() {
    result_.events = cluster_->timeline().events_run();
    result_.simulated = cluster_->timeline().now() - begin_;
    result_.digest = cluster_->digest();
    result_.faults = earlier_faults_ + scenario_->begun();
    return result_;
}

}  // namespace csim
