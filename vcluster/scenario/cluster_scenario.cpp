#include "vcluster/scenario/cluster_scenario.hpp"

#include "vcluster/scenario/scenario_checks.hpp"
#include "vcluster/scenario/step_verbs.hpp"

#include <regex>

namespace csim {
namespace {

/// `%name%` in every text becomes what was saved under it; other percent signs stay.
Json filled(const Json& value, const SavedValues& saved) {
    if (value.is_string()) {
        auto text = value.get<std::string>();
        for (const auto& [name, kept] : saved) {
            const std::string sign = "%" + name + "%";
            for (auto at = text.find(sign); at != std::string::npos; at = text.find(sign, at + kept.size()))
                text.replace(at, sign.size(), kept);
        }
        return text;
    }
    Json result = value;
    if (value.is_structured())
        for (auto& each : result) each = filled(each, saved);
    return result;
}

/// A metric that is to contain what was saved holds numbers, not texts.
Json with_numbers(Json step) {
    for (const char* key : {"contains", "equals"}) {
        if (!step.contains(key) || !step[key].is_string()) continue;
        const auto text = step[key].get<std::string>();
        if (!text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string::npos)
            step[key] = std::stoll(text);
    }
    return step;
}

StepOutcome perform(Cluster& cluster, const CheckedStep& step, SavedValues& saved) {
    StepOutcome outcome;
    outcome.verb = step.verb->name;
    outcome.is_assertion = step.is_assertion;
    outcome.number = step.number, outcome.description = step.description;
    try {
        outcome.detail = step.verb->run(cluster, with_numbers(filled(step.fields, saved)), saved);
        outcome.passed = true;
    } catch (const Fatal& failure) {
        outcome.detail = failure.what();
    } catch (const std::regex_error& failure) {
        outcome.detail = std::string("matches: no regular expression: ") + failure.what();
    } catch (const Json::exception& failure) {
        outcome.detail = failure.what();
    }
    return outcome;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> assertions_of(const ClusterScenario& scenario) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const Json& each : scenario.steps) {
        const CheckedStep step = checked_step(each, "", nullptr);
        if (step.is_assertion) all.emplace_back(step.number, step.description);
    }
    return all;
}

bool run_cluster_scenario(
    Cluster& cluster, const ClusterScenario& scenario, const std::function<void(const StepOutcome&)>& tell
) {
    SavedValues saved;
    bool all = true;
    for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
        StepOutcome outcome = perform(cluster, checked_step(scenario.steps[i], "", nullptr), saved);
        cluster.commit();
        outcome.step = i + 1;
        tell(outcome);
        all = all && outcome.passed;
        if (!outcome.passed && !outcome.is_assertion) return false;
    }
    return all;
}

}  // namespace csim
