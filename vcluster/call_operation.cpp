// Finding an operation and checking its arguments.
#include "vcluster/cluster.hpp"
#include "vcluster/operations.hpp"

#include <algorithm>

namespace csim {
namespace {

bool is_of_type(const Json& value, std::string_view type) {
    if (type == "string") return value.is_string();
    if (type == "int") return value.is_number_integer();
    if (type == "double") return value.is_number();
    if (type == "boolean") return value.is_boolean();
    if (type == "array") return value.is_array();
    return type == "struct" ? value.is_object() : true;
}

Json by_name(const ClusterOperation& operation, const Json& given) {
    if (given.is_object()) return given;
    if (given.size() > operation.parameters.size())
        throw Fatal(
            std::string(operation.name) + " takes at most " + std::to_string(operation.parameters.size()) +
                " arguments",
            cluster_status::invalid
        );
    Json named = Json::object();
    for (std::size_t i = 0; i < given.size(); ++i)
        named[std::string(operation.parameters[i].name)] = given[i];
    return named;
}

}  // namespace

std::vector<const ClusterOperation*> all_cluster_operations() {
    std::vector<const ClusterOperation*> all;
    for (const auto part : {vcluster_operations(), cluster_service_operations()})
        for (const ClusterOperation& each : part) all.push_back(&each);
    std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
    return all;
}

OperationAnswer call_cluster_operation(
    const ClusterStore& store, const std::string& called, const Json& given
) {
    const auto all = all_cluster_operations();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto* each) { return each->name == called; });
    if (found == all.end())
        throw Fatal(
            "there is no operation '" + called + "'; system.listMethods lists them", cluster_status::invalid
        );
    const ClusterOperation& operation = **found;
    const Json arguments = by_name(operation, given);
    for (const ClusterParameter& each : operation.parameters) {
        const auto value = arguments.find(std::string(each.name));
        const bool absent = value == arguments.end() || (each.optional && value->is_null());
        if (absent && !each.optional)
            throw Fatal("/" + std::string(each.name) + ": required", cluster_status::invalid);
        if (!absent && !is_of_type(*value, each.type))
            throw Fatal(
                "/" + std::string(each.name) + ": expected " + std::string(each.type), cluster_status::invalid
            );
    }
    for (const auto& [key, value] : arguments.items()) {
        const auto known = [&, &wanted = key](const ClusterParameter& each) { return each.name == wanted; };
        if (std::none_of(operation.parameters.begin(), operation.parameters.end(), known))
            throw Fatal("/" + key + ": " + called + " takes no such argument", cluster_status::invalid);
    }
    try {
        return {operation.run(store, arguments)};
    } catch (const Json::exception& wrong) {
        throw Fatal(
            std::string("an argument is of the wrong type: ") + wrong.what(), cluster_status::invalid
        );
    }
}

}  // namespace csim
