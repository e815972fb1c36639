#include "sim/control/introspection.hpp"

#include <algorithm>

namespace csim {
namespace {

Json list_methods(std::span<const OperationNote> notes) {
    Json names = Json::array({"system.listMethods", "system.methodHelp", "system.methodSignature"});
    for (const OperationNote& each : notes) names.push_back(each.name);
    std::sort(names.begin(), names.end());
    return names;
}

Json signature(const OperationNote& operation) {
    Json types = Json::array({operation.result});
    for (const Parameter& each : operation.parameters) types.push_back(each.type);
    return Json::array({types});
}

}  // namespace

std::vector<OperationNote> operation_notes() {
    std::vector<OperationNote> notes;
    for (const Operation& each : operations())
        notes.push_back({each.name, each.result, each.help, each.kind, each.parameters()});
    return notes;
}

const OperationNote* find_note(std::span<const OperationNote> notes, std::string_view name) {
    const auto found = std::find_if(notes.begin(), notes.end(), [&](const OperationNote& each) {
        return each.name == name;
    });
    return found == notes.end() ? nullptr : &*found;
}

std::string usage_line(const OperationNote& operation) {
    std::string line = std::string(operation.name) + "(";
    bool first = true;
    for (const Parameter& each : operation.parameters) {
        line += (first ? "" : ", ") + std::string(each.name) + (each.optional ? "?: " : ": ") +
                std::string(each.type);
        first = false;
    }
    return line + ") -> " + std::string(operation.result);
}

std::optional<Result<Answer>> introspect(const RpcCall& call, std::span<const OperationNote> notes) {
    if (call.method == "system.listMethods") return Answer{list_methods(notes)};
    if (call.method != "system.methodHelp" && call.method != "system.methodSignature") return std::nullopt;
    if (!call.params.is_array() || call.params.size() != 1 || !call.params[0].is_string()) {
        return Result<Answer>(Error{Errc::bad_argument, call.method + " takes the name of an operation"});
    }
    const auto name = call.params[0].get<std::string>();
    const OperationNote* const found = find_note(notes, name);
    if (found == nullptr)
        return Result<Answer>(Error{Errc::not_found, "there is no operation '" + name + "'"});
    if (call.method == "system.methodSignature") return Answer{signature(*found)};
    return Answer{usage_line(*found) + "\n" + std::string(found->help)};
}

}  // namespace csim
