#include "apps/cluster_sim/live_scenario.hpp"

#include "core/duration_text.hpp"

#include <algorithm>
#include <iostream>

namespace csim {
namespace {

constexpr Duration end_look = 1s;

}  // namespace

LiveScenario::LiveScenario(const std::string& file) : scenario_(load_scenario(file)) {
    std::string left_out;
    for (const std::string& name : not_live(scenario_)) left_out += (left_out.empty() ? "" : ", ") + name;
    std::erase_if(scenario_.steps, [](const ScenarioStep& step) { return !step.workload->live; });
    if (scenario_.steps.empty()) {
        throw Fatal(
            file + ": nothing of it can be done to a running simulator (" + left_out +
            "); 'cluster-sim simulate --scenario' runs all of it"
        );
    }
    if (left_out.empty()) return;
    std::cerr << "cluster-sim: " << file
              << ": left out, since they need the manager in the same process: " << left_out << "\n";
}

void LiveScenario::start(Serving& serving) {
    serving.trace().add_sink([](const TraceEvent& event) {
        if (event.subject == "scenario") std::cerr << "cluster-sim: " << event.text() << "\n";
    });
    const ScenarioHost host{
        serving.timeline(), serving.trace(), serving.simulator(), serving.network(), nullptr};
    run_ = std::make_unique<ScenarioRun>(host, scenario_, chance_.stream("scenario"));
    std::cerr << "cluster-sim: scenario " << scenario_.name << " over " << duration_text(scenario_.duration)
              << " begins\n";
    run_->start();
    look_for_end(serving);
}

void LiveScenario::look_for_end(Serving& serving) {
    serving.timeline().after(end_look, [this, &serving] {
        if (run_->planned() + run_->active() > 0) return look_for_end(serving);
        std::cerr << "cluster-sim: scenario " << scenario_.name << " is over; the cluster runs on\n";
    });
}

}  // namespace csim
