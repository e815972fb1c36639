// Where the rows of the operation table come from: one function a subject, and what their handlers share.
#pragma once

#include "sim/control/operation.hpp"

#include <span>

namespace csim {

std::span<const Operation> hsm_operations();
std::span<const Operation> power_operations();
std::span<const Operation> cluster_operations();
std::span<const Operation> device_operations();
std::span<const Operation> growth_operations();
std::span<const Operation> network_operations();
std::span<const Operation> registration_operations();
std::span<const Operation> server_operations();
std::span<const Operation> service_operations();
std::span<const Operation> simulator_operations();

/// The argument of everything that is about one node.
struct OfServer {
    std::string fqdn;
};
BOOST_DESCRIBE_STRUCT(OfServer, (), (fqdn))

/// The answer of an operation that only succeeds or fails.
inline Result<Answer> nil(const Result<Nothing>& result) {
    if (!result) return result.error();
    return Answer{nullptr};
}

/// Errors: not_found.
inline Result<FakeServer*> server_named(ControlScope& scope, const std::string& fqdn) {
    FakeServer* const node = scope.simulator.world().find(fqdn);
    if (node == nullptr) return Error{Errc::not_found, "there is no server " + fqdn};
    return node;
}

}  // namespace csim
