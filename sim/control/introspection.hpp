// The operations tell about themselves: the XML-RPC introspection methods.
#pragma once

#include "sim/control/operation.hpp"

#include <optional>
#include <span>
#include <vector>

namespace csim {

/// What callers are told of an operation, wherever it comes from. Views of static text.
struct OperationNote {
    std::string_view name, result, help;
    OperationKind kind = OperationKind::change;
    std::vector<Parameter> parameters;
};

/// Of the simulator's own operations, in order of name.
std::vector<OperationNote> operation_notes();
const OperationNote* find_note(std::span<const OperationNote> notes, std::string_view name);

/// The answer, if the call is one of system.listMethods(), system.methodHelp(name),
/// system.methodSignature(name).
std::optional<Result<Answer>> introspect(const RpcCall& call, std::span<const OperationNote> notes);

/// `server_get(fqdn: string) -> struct`.
std::string usage_line(const OperationNote& operation);

}  // namespace csim
