#include "sim/control/introspection.hpp"

#include <algorithm>

namespace csim {
namespace {

Json list_methods() {
    Json names = Json::array({"system.listMethods", "system.methodHelp", "system.methodSignature"});
    for (const Operation& each : operations()) names.push_back(each.name);
    std::sort(names.begin(), names.end());
    return names;
}

Json signature(const Operation& operation) {
    Json types = Json::array({operation.result});
    for (const Parameter& each : operation.parameters()) types.push_back(each.type);
    return Json::array({types});
}

}  // namespace

std::string usage_line(const Operation& operation) {
    std::string line = std::string(operation.name) + "(";
    bool first = true;
    for (const Parameter& each : operation.parameters()) {
        line += (first ? "" : ", ") + std::string(each.name) + (each.optional ? "?: " : ": ") +
                std::string(each.type);
        first = false;
    }
    return line + ") -> " + std::string(operation.result);
}

std::optional<Result<Answer>> introspect(const RpcCall& call) {
    if (call.method == "system.listMethods") return Answer{list_methods()};
    if (call.method != "system.methodHelp" && call.method != "system.methodSignature") return std::nullopt;
    if (!call.params.is_array() || call.params.size() != 1 || !call.params[0].is_string()) {
        return Result<Answer>(Error{Errc::bad_argument, call.method + " takes the name of an operation"});
    }
    const auto name = call.params[0].get<std::string>();
    const Operation* const found = find_operation(name);
    if (found == nullptr)
        return Result<Answer>(Error{Errc::not_found, "there is no operation '" + name + "'"});
    if (call.method == "system.methodSignature") return Answer{signature(*found)};
    return Answer{usage_line(*found) + "\n" + std::string(found->help)};
}

}  // namespace csim
