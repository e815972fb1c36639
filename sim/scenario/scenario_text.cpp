// Scenarios as JSON again, and the page that documents them.
#include "core/duration_text.hpp"
#include "sim/scenario/workload.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <sstream>

namespace csim {
namespace {

using Parameter = WorkloadParameter;

std::string choice(const Parameter& parameter, double value) {
    std::istringstream in{std::string(parameter.choices)};
    std::string word;
    for (int i = 0; in >> word; ++i) {
        if (i == static_cast<int>(value)) return word;
    }
    return "?";
}

std::string seconds_text(double seconds) {
    return duration_text(Duration(std::llround(seconds * 1e9)));
}

Json value_json(const Parameter& parameter, double value) {
    if (parameter.kind == Parameter::Kind::choice) return choice(parameter, value);
    if (parameter.kind == Parameter::Kind::span) return seconds_text(value);
    if (value == static_cast<double>(static_cast<std::int64_t>(value)))
        return static_cast<std::int64_t>(value);
    return value;
}

Json step_json(const ScenarioStep& step) {
    Json json{{"do", step.workload->name}, {"at", duration_text(step.at)}};
    if (step.every) json["every"] = duration_text(*step.every);
    if (step.until) json["until"] = duration_text(*step.until);
    if (step.repeat > 0) json["repeat"] = step.repeat;
    if (step.spread > Duration(0)) json["spread"] = duration_text(step.spread);
    if (step.lasts > Duration(0)) json["lasts"] = duration_text(step.lasts);
    if (step.workload->where != ScenarioWorkload::Where::nowhere) {
        json["on"] = step.on;
        json["count"] = step.count;
    }
    for (const Parameter& parameter : step.workload->parameters) {
        const auto given = step.numbers.find(std::string(parameter.name));
        if (given != step.numbers.end())
            json[std::string(parameter.name)] = value_json(parameter, given->second);
    }
    return json;
}

std::string range_text(const Parameter& parameter) {
    if (parameter.kind == Parameter::Kind::choice) return std::string(parameter.choices);
    if (parameter.kind == Parameter::Kind::span)
        return "a time, " + seconds_text(parameter.low) + " to " + seconds_text(parameter.high);
    std::ostringstream text;
    text << "a number, " << parameter.low << " to " << parameter.high;
    return text.str();
}

void add_row(std::ostringstream& page, const ScenarioWorkload& row) {
    page << "| `" << row.name << "` | " << (row.live ? "yes" : "no") << " | "
         << (row.lasts_seconds > 0 ? seconds_text(row.lasts_seconds) : "–") << " | " << row.doc;
    for (const Parameter& each : row.parameters) {
        page << " `" << each.name << "` (" << range_text(each) << "; "
             << value_json(each, each.standard).dump() << "): " << each.doc << ".";
    }
    page << " |\n";
}

constexpr const char* head = R"(# Scenarios

A scenario is a JSON file: a cluster, and a list of timed workloads that happen to it. `cluster-sim simulate --scenario FILE`
runs it in virtual time with the embedded manager; `cluster-sim run --scenario FILE` does the workloads marked *live* to a
running simulator under any manager; `cluster-sim scenario check FILE` says whether a file is one. Those that ship are in
`scenarios/`.

## The file

| key | meaning | if absent |
| --- | --- | --- |
| `name`, `description` | for people | the file's name, nothing |
| `servers`, `workers`, `cluster_size`, `su_size`, `nids`, `volumes`, `psus` | the cluster, as in `cluster-sim setup` | 8, 1, 2, 0, 2, two per server, 1 |
| `for` | how long the run is, in virtual time | `1h` |
| `settle` | so long after the last fault has healed everything must be well | `15m` |
| `steps` | the workloads, each an object | must be there |

Times are texts such as `"90s"`, `"1h30m"`, `"250ms"`. A run without a `register_all` step registers every node at its
beginning.

## A step

| key | meaning | if absent |
| --- | --- | --- |
| `do` | the workload | must be there |
| `at` | when, from the start of the run | `0s` |
| `every` | again after this, until `until` or `repeat` times | once |
| `until`, `repeat` | when it ends | the end of the run |
| `spread` | each time is later by up to this, at random | `0s` |
| `lasts` | it heals after this | see the table |
| `on` | where: `random`, `all`, a node's name, `cluster:N`, `#N` (the Nth server, counted round and round), or a list of these | `random` |
| `count` | how many of `random` | 1 |

and the workload's own parameters, which stand in the table with their range and standard value.

## Workloads

| workload | live | lasts | what it does |
| --- | --- | --- | --- |
)";

}  // namespace

Json scenario_json(const Scenario& scenario) {
    const Setup& setup = scenario.setup;
    Json json{
        {"name", scenario.name},
        {"description", scenario.description},
        {"servers", setup.server_count},
        {"workers", setup.worker_count},
        {"cluster_size", setup.cluster_size},
        {"su_size", setup.su_size},
        {"nids", setup.nid_count},
        {"volumes", setup.volumes()},
        {"psus", setup.psu_count},
        {"for", duration_text(scenario.duration)},
        {"settle", duration_text(scenario.settle)},
        {"steps", Json::array()}};
    for (const ScenarioStep& step : scenario.steps) json["steps"].push_back(step_json(step));
    return json;
}

std::string scenarios_markdown() {
    std::ostringstream page;
    page << head;
    for (const ScenarioWorkload& row : workload_table()) add_row(page, row);
    return page.str();
}

}  // namespace csim
