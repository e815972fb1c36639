// Issues certificates in tests, with any serial.
#pragma once

#include "agent_proto/identity.hpp"

#include <string>

namespace csim {

/// A certificate for the identity's request, signed with its own key, whose serial is given in hexadecimal.
/// PEM.
std::string issue_certificate(const Identity& identity, const std::string& serial);

}  // namespace csim
