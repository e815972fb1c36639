// Operations on virtual clusters by name, with JSON in and out: what the control port offers.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "vcluster/store.hpp"

#include <nlohmann/json.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

struct ClusterParameter {
    std::string_view name;
    std::string_view type;  ///< int, double, boolean, string, array, struct or any
    bool optional = false;
};

struct ClusterOperation {
    std::string_view name;
    std::string_view result;
    std::string_view help;
    std::vector<ClusterParameter> parameters;
    /// `arguments` has been checked against the parameters. Throws Fatal.
    Json (*run)(const ClusterStore& store, const Json& arguments);
    bool query = false;  ///< changes nothing that is on disk
};

/// In order of name.
std::span<const ClusterOperation> vcluster_operations();
std::span<const ClusterOperation> cluster_service_operations();
std::vector<const ClusterOperation*> all_cluster_operations();

struct OperationAnswer {
    Json value;
};
/// Runs one with arguments by position (array) or by name (object). Throws Fatal: with status 2 for unknown
/// operations and wrong arguments.
OperationAnswer call_cluster_operation(
    const ClusterStore& store, const std::string& name, const Json& arguments
);

}  // namespace csim
