#include "sim/scenario/scenario.hpp"

#include "core/duration_text.hpp"
#include "core/json_codec.hpp"
#include "sim/scenario/workload.hpp"

#include <fstream>
#include <set>
#include <sstream>

namespace csim {
namespace {

using Parameter = WorkloadParameter;

/// Thrown while parsing only; becomes the error that parse_scenario() returns.
struct Wrong {
    std::string path;
    std::string reason;
};

[[noreturn]] void wrong(const std::string& path, const std::string& reason) {
    throw Wrong{path, reason};
}

Duration span_at(const Json& json, const std::string& path, bool negative = false) {
    if (!json.is_string()) wrong(path, "a time such as \"90s\" or \"1h30m\" is expected");
    const auto span = parse_duration(json.get<std::string>());
    if (!span) wrong(path, span.error().detail);
    if (!negative && *span < Duration(0)) wrong(path, "a time may not be negative here");
    return *span;
}

std::int64_t integer_at(const Json& json, const std::string& path, std::int64_t low, std::int64_t high) {
    if (!json.is_number_integer()) wrong(path, "a whole number is expected");
    const auto value = json.get<std::int64_t>();
    if (value < low || value > high)
        wrong(path, "must be from " + std::to_string(low) + " to " + std::to_string(high));
    return value;
}

std::string text_at(const Json& json, const std::string& path) {
    if (!json.is_string()) wrong(path, "a text is expected");
    return json.get<std::string>();
}

std::vector<std::string> words(std::string_view text) {
    std::istringstream in{std::string(text)};
    std::vector<std::string> all;
    for (std::string word; in >> word;) all.push_back(word);
    return all;
}

double choice_at(const Parameter& parameter, const Json& json, const std::string& path) {
    const auto known = words(parameter.choices);
    const std::string given = json.is_string() ? json.get<std::string>() : "";
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (known[i] == given) return static_cast<double>(i);
    }
    std::string list;
    for (const std::string& word : known) list += (list.empty() ? "" : ", ") + word;
    wrong(path, "one of these is expected: " + list);
}

double parameter_at(const Parameter& parameter, const Json& json, const std::string& path) {
    if (parameter.kind == Parameter::Kind::choice) return choice_at(parameter, json, path);
    double value = 0;
    if (parameter.kind == Parameter::Kind::span) {
        value = std::chrono::duration<double>(span_at(json, path, parameter.low < 0)).count();
    } else {
        if (!json.is_number()) wrong(path, "a number is expected");
        value = json.get<double>();
    }
    if (value < parameter.low || value > parameter.high) {
        std::ostringstream range;
        range << "must be from " << parameter.low << " to " << parameter.high;
        wrong(path, range.str());
    }
    return value;
}

bool digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool begins_with_number(std::string_view text, std::string_view before) {
    if (!text.starts_with(before)) return false;
    std::string_view rest = text.substr(before.size());
    if (rest.ends_with(".localdomain")) rest.remove_suffix(std::string_view(".localdomain").size());
    return digits(rest);
}

std::string place_at(const Json& json, const std::string& path) {
    const std::string word = text_at(json, path);
    if (word == "random" || word == "all") return word;
    for (const char* before : {"#", "cluster:", "test", "worker"}) {
        if (begins_with_number(word, before)) return word;
    }
    wrong(
        path,
        "'" + word + "' is no place; known are random, all, #N, cluster:N and names of nodes such as test000"
    );
}

std::vector<std::string> places_at(const Json& json, const std::string& path) {
    if (json.is_string()) return {place_at(json, path)};
    if (!json.is_array() || json.empty()) wrong(path, "a name or a list of names is expected");
    std::vector<std::string> names;
    for (std::size_t i = 0; i < json.size(); ++i)
        names.push_back(place_at(json[i], path + "/" + std::to_string(i)));
    return names;
}

void read_timing(ScenarioStep& step, const std::string& key, const Json& value, const std::string& path) {
    if (key == "at") step.at = span_at(value, path);
    if (key == "every") step.every = span_at(value, path);
    if (key == "until") step.until = span_at(value, path);
    if (key == "spread") step.spread = span_at(value, path);
    if (key == "lasts") step.lasts = span_at(value, path);
    if (key == "repeat") step.repeat = integer_at(value, path, 1, 1'000'000);
    if (key == "count") step.count = integer_at(value, path, 1, 1'000'000);
    if (key == "on") step.on = places_at(value, path);
}

const std::set<std::string> timing_keys{"at", "every", "until", "spread", "lasts", "repeat", "count", "on"};

const Parameter* find_parameter(const ScenarioWorkload& workload, const std::string& name) {
    for (const Parameter& each : workload.parameters) {
        if (each.name == name) return &each;
    }
    return nullptr;
}

std::string known_keys(const ScenarioWorkload& workload) {
    std::string all = "do";
    for (const std::string& key : timing_keys) all += ", " + key;
    for (const Parameter& each : workload.parameters) all += ", " + std::string(each.name);
    return all;
}

ScenarioStep step_at(const Json& json, const std::string& path, Duration run) {
    if (!json.is_object()) wrong(path, "an object is expected");
    if (!json.contains("do"))
        wrong(path, "\"do\" is missing: it names a workload, one of " + workload_names());
    const std::string name = text_at(json["do"], path + "/do");
    ScenarioStep step;
    step.workload = find_workload(name);
    if (step.workload == nullptr)
        wrong(path + "/do", "there is no workload '" + name + "'; known are " + workload_names());
    step.lasts = Duration(static_cast<std::int64_t>(step.workload->lasts_seconds * 1e9));
    if (name == "rolling_upgrade") step.on = {"all"};
    for (const auto& [key, value] : json.items()) {
        const std::string at = path + "/" + key;
        if (key == "do") continue;
        if (timing_keys.contains(key)) {
            read_timing(step, key, value, at);
        } else if (const Parameter* parameter = find_parameter(*step.workload, key)) {
            step.numbers[key] = parameter_at(*parameter, value, at);
        } else {
            wrong(at, "'" + name + "' has no such key; it knows " + known_keys(*step.workload));
        }
    }
    if (step.every && *step.every <= Duration(0)) wrong(path + "/every", "must be longer than nothing");
    if (step.at > run) wrong(path + "/at", "lies behind the end of the run, " + duration_text(run));
    if (json.contains("on") && step.workload->where == ScenarioWorkload::Where::nowhere)
        wrong(path + "/on", "'" + name + "' does not happen to servers");
    return step;
}

int count_at(const Json& json, const std::string& path, int low, int high) {
    return static_cast<int>(integer_at(json, path, low, high));
}

void read_member(Scenario& scenario, const std::string& key, const Json& value) {
    const std::string path = "/" + key;
    Setup& setup = scenario.setup;
    if (key == "name")
        scenario.name = text_at(value, path);
    else if (key == "description")
        scenario.description = text_at(value, path);
    else if (key == "servers")
        setup.server_count = count_at(value, path, 1, servers_max);
    else if (key == "workers")
        setup.worker_count = count_at(value, path, 0, workers_max);
    else if (key == "cluster_size")
        setup.cluster_size = count_at(value, path, 1, servers_max);
    else if (key == "su_size")
        setup.su_size = count_at(value, path, 0, servers_max);
    else if (key == "nids")
        setup.nid_count = count_at(value, path, 1, nids_max);
    else if (key == "volumes")
        setup.volume_count = count_at(value, path, 0, volumes_max);
    else if (key == "psus")
        setup.psu_count = count_at(value, path, 1, psus_max);
    else if (key == "for")
        scenario.duration = span_at(value, path);
    else if (key == "settle")
        scenario.settle = span_at(value, path);
    else if (key != "steps")
        wrong(
            path,
            "is no key of a scenario; known are name, description, servers, workers, cluster_size, su_size, "
            "nids, volumes, psus, for, settle, steps"
        );
}

Scenario scenario_at(const Json& json) {
    if (!json.is_object()) wrong("/", "an object is expected");
    Scenario scenario;
    scenario.setup.cluster_size = 2;
    scenario.setup.nid_count = 2;
    for (const auto& [key, value] : json.items()) read_member(scenario, key, value);
    if (scenario.duration <= Duration(0)) wrong("/for", "must be longer than nothing");
    if (!json.contains("steps") || !json["steps"].is_array()) wrong("/steps", "a list of steps is expected");
    for (std::size_t i = 0; i < json["steps"].size(); ++i) {
        scenario.steps.push_back(step_at(json["steps"][i], "/steps/" + std::to_string(i), scenario.duration));
    }
    if (const auto possible = check(scenario.setup); !possible) wrong("/", possible.error().detail);
    return scenario;
}

}  // namespace

Result<Scenario> parse_scenario(const Json& json) {
    try {
        return scenario_at(json);
    } catch (const Wrong& wrong) {
        return Error{Errc::bad_argument, wrong.path + ": " + wrong.reason};
    }
}

Scenario load_scenario(const std::filesystem::path& file) {
    constexpr std::uintmax_t bytes_max = 16u << 20;
    std::error_code none;
    if (std::filesystem::is_directory(file, none)) throw Fatal(file.string() + " is a folder, no scenario");
    std::ifstream in(file, std::ios::binary);
    if (!in) throw Fatal("there is no scenario " + file.string() + ", or it cannot be read");
    const auto size = std::filesystem::file_size(file, none);
    if (!none && size > bytes_max) throw Fatal(file.string() + " is too large for a scenario");
    std::ostringstream text;
    text << in.rdbuf();
    const auto json = parse_json(text.str());
    if (!json) throw Fatal(file.string() + ": " + json.error().detail);
    auto scenario = parse_scenario(*json);
    if (!scenario) throw Fatal(file.string() + ": " + scenario.error().detail);
    if (scenario->name.empty()) scenario->name = file.stem().string();
    return std::move(*scenario);
}

}  // namespace csim
