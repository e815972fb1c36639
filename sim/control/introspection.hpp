// The operations tell about themselves: the XML-RPC introspection methods.
#pragma once

#include "sim/control/operation.hpp"

#include <optional>

namespace csim {

/// The answer, if the call is one of system.listMethods(), system.methodHelp(name),
/// system.methodSignature(name).
std::optional<Result<Answer>> introspect(const RpcCall& call);

/// `server_get(fqdn: string) -> struct`.
std::string usage_line(const Operation& operation);

}  // namespace csim
