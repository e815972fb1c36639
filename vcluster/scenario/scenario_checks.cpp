#include "vcluster/scenario/scenario_checks.hpp"

#include "vcluster/scenario/cluster_scenario.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace csim {
namespace {

using Mistakes = std::vector<std::string>;

void add(Mistakes* mistakes, const std::string& path, const std::string& sentence) {
    if (mistakes != nullptr) mistakes->push_back(path + ": " + sentence);
}

bool all_texts(const Json& value) {
    return value.is_array() && std::ranges::all_of(value, [](const Json& each) { return each.is_string(); });
}

bool fits(const Json& value, std::string_view type) {
    if (type == "string") return value.is_string();
    if (type == "int") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_boolean();
    if (type == "strings") return all_texts(value);
    if (type == "struct")
        return value.is_object() &&
               std::ranges::all_of(value, [](const Json& each) { return each.is_string(); });
    if (type == "text or strings") return value.is_string() || (all_texts(value) && !value.empty());
    return type != "int or string" || value.is_number_integer() || value.is_string();
}

std::string verbs_text() {
    std::string text;
    for (const StepVerb& each : step_verbs()) text += std::string(each.name) + ", ";
    return text + "assert";
}

std::string fields_text(const StepVerb& verb) {
    std::string text;
    for (const VerbField& each : verb.fields) text += (text.empty() ? "" : ", ") + std::string(each.name);
    return text;
}

void check_fields(const StepVerb& verb, const Json& fields, const std::string& path, Mistakes* mistakes) {
    for (const VerbField& each : verb.fields) {
        const auto found = fields.find(std::string(each.name));
        if (found == fields.end()) {
            if (each.required) add(mistakes, path + "/" + std::string(each.name), "required");
        } else if (!fits(*found, each.type)) {
            add(mistakes, path + "/" + std::string(each.name), "expected " + std::string(each.type));
        }
    }
    for (const auto& [key, value] : fields.items()) {
        const auto known = [&, &wanted = key](const VerbField& each) { return each.name == wanted; };
        if (std::ranges::none_of(verb.fields, known))
            add(mistakes, path + "/" + key,
                "unknown; " + std::string(verb.name) + " takes " + fields_text(verb));
    }
}

/// What stands beside the verb in an assertion.
void read_assertion(Json& step, CheckedStep& checked, const std::string& path, Mistakes* mistakes) {
    checked.is_assertion = true;
    const Json number = step.value("no", Json()), description = step.value("desc", Json());
    if (!number.is_number_integer() && !number.is_string())
        add(mistakes, path + "/no", "expected a number or a text");
    if (!description.is_string()) add(mistakes, path + "/desc", "expected a text");
    checked.number = number.is_string() ? number.get<std::string>() : number.dump();
    if (description.is_string()) checked.description = description.get<std::string>();
    step.erase("no"), step.erase("desc");
}

}  // namespace

CheckedStep checked_step(const Json& given, const std::string& given_path, Mistakes* mistakes) {
    CheckedStep checked;
    Json step = given;
    std::string path = given_path;
    if (step.is_object() && step.size() == 1 && step.contains("assert") && step["assert"].is_object()) {
        path += "/assert";
        step = Json(step["assert"]);
        read_assertion(step, checked, path, mistakes);
    }
    const StepVerb* const verb =
        step.is_object() && step.size() == 1 ? find_step_verb(step.begin().key()) : nullptr;
    if (verb == nullptr) {
        const std::string word = step.is_object() && step.size() == 1 ? " '" + step.begin().key() + "'" : "";
        add(mistakes, path,
            (word.empty() ? "expected one verb" : "unknown verb" + word) + "; there are " + verbs_text());
        return checked;
    }
    Json fields = step.begin().value();
    path += "/" + std::string(verb->name);
    if (!fields.is_object() && !verb->short_field.empty())
        fields = Json{{std::string(verb->short_field), fields}};
    if (!fields.is_object()) return add(mistakes, path, "expected an object"), checked;
    check_fields(*verb, fields, path, mistakes);
    checked.verb = verb;
    checked.fields = std::move(fields);
    return checked;
}

namespace {

Json document_of(const std::string& text) {
    try {
        return Json::parse(text, nullptr, true, true);
    } catch (const Json::exception& failure) {
        throw Fatal(std::string("the scenario is not JSON: ") + failure.what(), cluster_status::invalid);
    }
}

std::string spec_of(const Json& document, const std::string& folder, Mistakes& mistakes) {
    const Json spec = document.value("spec", Json());
    if (spec.is_object()) return spec.dump();
    if (!spec.is_string()) {
        add(&mistakes, "/spec", "expected a specification or the name of its file");
        return "";
    }
    const auto path = std::filesystem::path(folder) / spec.get<std::string>();
    std::ifstream in(path, std::ios::binary);
    if (!in || std::filesystem::is_directory(path)) add(&mistakes, "/spec", "cannot read " + path.string());
    return {std::istreambuf_iterator<char>(in), {}};
}

void read_names(const Json& document, ClusterScenario& scenario, Mistakes& mistakes) {
    const Json tada = document.value("tada", Json::object());
    if (!tada.is_object()) return add(&mistakes, "/tada", "expected an object");
    for (const auto& [key, value] : tada.items()) {
        std::string* const place = key == "suite"  ? &scenario.suite
                                   : key == "type" ? &scenario.type
                                   : key == "name" ? &scenario.name
                                                   : nullptr;
        if (place == nullptr)
            add(&mistakes, "/tada/" + key, "unknown; there are suite, type, name");
        else if (!value.is_string())
            add(&mistakes, "/tada/" + key, "expected string");
        else
            *place = value.get<std::string>();
    }
}

}  // namespace

ClusterScenario parse_cluster_scenario(const std::string& text, const std::string& folder) {
    const Json document = document_of(text);
    if (!document.is_object()) throw Fatal("the scenario is not an object", cluster_status::invalid);
    Mistakes mistakes;
    ClusterScenario scenario;
    for (const auto& [key, value] : document.items())
        if (key != "spec" && key != "steps" && key != "tada")
            add(&mistakes, "/" + key, "unknown; a scenario has spec, steps, tada");
    scenario.spec = spec_of(document, folder, mistakes);
    read_names(document, scenario, mistakes);
    scenario.steps = document.value("steps", Json());
    if (!scenario.steps.is_array() || scenario.steps.empty())
        add(&mistakes, "/steps", "expected a list of steps");
    std::set<std::string> numbers;
    for (std::size_t i = 0; scenario.steps.is_array() && i < scenario.steps.size(); ++i) {
        const std::string path = "/steps/" + std::to_string(i);
        const CheckedStep step = checked_step(scenario.steps[i], path, &mistakes);
        if (step.is_assertion && !numbers.insert(step.number).second)
            add(&mistakes, path + "/assert/no", step.number + " is used already");
    }
    std::string all;
    for (const std::string& each : mistakes) all += (all.empty() ? "" : "\n") + each;
    if (!all.empty()) throw Fatal(all, cluster_status::invalid);
    return scenario;
}

}  // namespace csim
