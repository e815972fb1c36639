#include "sim/scenario/scenario_run.hpp"

#include "sim/cluster_simulator.hpp"
#include "sim/vtime/virtual_events.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

namespace csim {

ScenarioRun::ScenarioRun(ScenarioHost host, Scenario scenario, const Rng& run)
    : host_(host),
      scenario_(std::move(scenario)),
      run_(run),
      begin_(host.timeline.now()),
      last_healed_(begin_),
      self_(std::make_shared<ScenarioRun*>(this)) {
    // A step's chance depends on its own place in time, so that leaving out others does not move it.
    std::map<std::string, int> seen;
    for (const ScenarioStep& step : scenario_.steps) {
        const std::string name =
            "step/" + std::string(step.workload->name) + "/" + std::to_string(step.at.count());
        chances_.push_back(run_.stream(name + "/" + std::to_string(seen[name]++)));
    }
}

ScenarioRun::~ScenarioRun() {
    *self_ = nullptr;
    for (auto& [number, strike] : active_) strike->over = true;
    for (auto& strike : forever_) strike->over = true;
}

void ScenarioRun::start() {
    begin_ = last_healed_ = host_.timeline.now();
    for (std::size_t step = 0; step < scenario_.steps.size(); ++step)
        plan(step, begin_ + scenario_.steps[step].at, 0);
}

void ScenarioRun::plan(std::size_t index, SimTime due, std::int64_t done) {
    const ScenarioStep& step = scenario_.steps[index];
    const std::int64_t times = step.repeat > 0 ? step.repeat : step.every ? INT64_MAX : 1;
    const SimTime end = begin_ + std::min(step.until.value_or(scenario_.duration), scenario_.duration);
    if (done >= times || due > end || closed_) return;
    ++planned_;
    const Duration late = chances_[index].between(Duration(0), step.spread);
    host_.timeline.at(due + late, [self = self_, index, due, done] {
        if (*self == nullptr) return;
        ScenarioRun& run = **self;
        --run.planned_;
        if (run.closed_) return;
        run.strike(index);
        const ScenarioStep& again = run.scenario_.steps[index];
        run.plan(index, due + again.every.value_or(again.lasts + 1s), done + 1);
    });
}

void ScenarioRun::add_place(
    const std::string& word, const ScenarioStep& step, Rng& chance, std::vector<std::string>& to
) const {
    std::vector<std::string> servers;
    for (const FakeServer* node : host_.simulator.world().nodes()) {
        if (!node->worker()) servers.push_back(node->fqdn());
    }
    if (servers.empty()) return;
    if (word == "all") {
        to.insert(to.end(), servers.begin(), servers.end());
    } else if (word == "random") {
        for (std::int64_t i = 0; i < step.count && !servers.empty(); ++i) {
            const auto at = chance.between(0, static_cast<std::int64_t>(servers.size()) - 1);
            to.push_back(servers[static_cast<std::size_t>(at)]);
            servers.erase(servers.begin() + at);
        }
    } else if (word.starts_with("#")) {
        to.push_back(servers[std::strtoull(word.c_str() + 1, nullptr, 10) % servers.size()]);
    } else if (word.starts_with("cluster:")) {
        const long long id = std::strtoll(word.c_str() + 8, nullptr, 10);
        for (const FakeServer* node : host_.simulator.world().nodes()) {
            if ((*node)->cluster_id == id) to.push_back(node->fqdn());
        }
    } else {
        for (const FakeServer* node : host_.simulator.world().nodes()) {
            if (node->fqdn() == word || node->nodename() == word) to.push_back(node->fqdn());
        }
    }
}

std::vector<std::string> ScenarioRun::places(const ScenarioStep& step, Rng& chance) const {
    std::vector<std::string> all;
    if (step.workload->where == ScenarioWorkload::Where::nowhere) return all;
    for (const std::string& word : step.on) add_place(word, step, chance, all);
    std::vector<std::string> once;
    for (const std::string& fqdn : all) {
        if (std::find(once.begin(), once.end(), fqdn) == once.end()) once.push_back(fqdn);
    }
    return once;
}

namespace {

std::string where_text(const std::vector<std::string>& on) {
    std::string text;
    for (std::size_t i = 0; i < on.size() && i < 8; ++i)
        text += (i > 0 ? " " : "") + on[i].substr(0, on[i].find('.'));
    return on.size() > 8 ? text + " and " + std::to_string(on.size() - 8) + " more" : text;
}

}  // namespace

void ScenarioRun::strike(std::size_t index) {
    const ScenarioStep& step = scenario_.steps[index];
    auto on = places(step, chances_[index]);
    Rng chance = chances_[index].stream(std::to_string(chances_[index].next()));
    auto strike = std::make_shared<Strike>(Strike{host_, step, std::move(on), chance, {}, false});
    const std::int64_t number = ++last_;
    ++begun_;
    host_.trace.emit(
        "scenario", FaultBegan{std::string(step.workload->name), where_text(strike->on), number}
    );
    const bool ends = step.lasts > Duration(0);
    if (ends)
        active_[number] = strike;
    else
        forever_.push_back(strike);
    step.workload->begin(strike);
    if (!ends) return;
    host_.timeline.after(step.lasts, [self = self_, number] {
        if (*self != nullptr) (*self)->heal(number);
    });
}

void ScenarioRun::heal(std::int64_t number) {
    const auto found = active_.find(number);
    if (found == active_.end()) return;
    const auto strike = found->second;
    active_.erase(found);
    strike->over = true;
    if (strike->step.workload->end != nullptr) strike->step.workload->end(*strike);
    last_healed_ = host_.timeline.now();
    host_.trace.emit(
        "scenario", FaultEnded{std::string(strike->step.workload->name), where_text(strike->on), number}
    );
}

void ScenarioRun::heal_all() {
    closed_ = true;
    std::vector<std::int64_t> numbers;
    for (const auto& [number, strike] : active_) numbers.push_back(number);
    for (const std::int64_t number : numbers) heal(number);
    for (auto& strike : std::exchange(forever_, {})) {
        if (strike->step.workload->fault && strike->step.workload->end != nullptr)
            strike->step.workload->end(*strike);
    }
}

bool ScenarioRun::concerns(std::string_view workload, const std::string& fqdn) const {
    return std::any_of(active_.begin(), active_.end(), [&](const auto& entry) {
        const Strike& strike = *entry.second;
        if (strike.step.workload->name != workload) return false;
        return std::find(strike.on.begin(), strike.on.end(), fqdn) != strike.on.end() ||
               strike.kept.contains(fqdn);
    });
}

std::vector<std::string> not_live(const Scenario& scenario) {
    std::set<std::string> names;
    for (const ScenarioStep& step : scenario.steps) {
        if (!step.workload->live) names.insert(std::string(step.workload->name));
    }
    return {names.begin(), names.end()};
}

}  // namespace csim
