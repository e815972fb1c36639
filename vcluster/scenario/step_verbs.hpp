// What steps of a scenario can do, as rows.
#pragma once

#include "core/json.hpp"
#include "vcluster/cluster.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

struct VerbField {
    std::string_view name;
    std::string_view type;  ///< string, int, number, boolean, strings, struct, or "text or strings"
    bool required = false;
};

/// What earlier steps have saved, by name.
using SavedValues = std::map<std::string, std::string>;

struct StepVerb {
    std::string_view name;
    /// The field that a step may give alone, without an object around it; empty: none.
    std::string_view short_field;
    std::vector<VerbField> fields;
    /// `step` has been checked against the fields. What was found, in one line. Throws Fatal when something
    /// cannot be done, or is not as it should be.
    std::string (*run)(Cluster& cluster, const Json& step, SavedValues& saved);
};

std::span<const StepVerb> step_verbs();
const StepVerb* find_step_verb(std::string_view name);

}  // namespace csim
