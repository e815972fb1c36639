// A test as data: a specification, and steps that say what to do with the cluster and what must be so. The
// same file runs on every backend.
#pragma once

#include "core/json.hpp"
#include "vcluster/cluster.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <vector>

namespace csim {

/// A step is `{VERB: {…}}`; an assertion is `{"assert": {"no": …, "desc": …, VERB: {…}}}`. The document of a
/// scenario is `{"spec": {…}, "steps": […], "tada": {"suite": …, "type": …, "name": …}}`, with or without
/// comments.
struct ClusterScenario {
    std::string spec;  ///< its text
    Json steps = Json::array();
    std::string suite = "cluster-sim", type = "scenario", name;
};

/// `folder` is where the specification is looked for when the scenario names a file. Throws Fatal (status 2)
/// with all mistakes, each with its path; the specification itself is checked when the cluster is made.
ClusterScenario parse_cluster_scenario(const std::string& text, const std::string& folder);

struct StepOutcome {
    std::size_t step = 0;      ///< from 1
    std::string verb, detail;  ///< what was done, and what was found or went wrong
    bool passed = false;
    std::string number, description;  ///< of an assertion
    bool is_assertion = false;
};

/// Runs the steps in order and tells each outcome. A failed assertion is told and the run goes on; any other
/// step that fails ends it. True when all have passed.
bool run_cluster_scenario(
    Cluster& cluster, const ClusterScenario& scenario, const std::function<void(const StepOutcome&)>& tell
);

/// Numbers and descriptions of the assertions, in order.
std::vector<std::pair<std::string, std::string>> assertions_of(const ClusterScenario& scenario);

}  // namespace csim
