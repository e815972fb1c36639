// The script that a new server runs to become a storage server of this manager.
// Source: the agent protocol, §2.2, what the script does and in which order. The text is our own.
#pragma once

#include "core/time.hpp"

#include <string>

namespace csim {

struct SetupFacts {
    std::string authority_certificate;  ///< PEM
    std::string manager_url;            ///< ends in a slash
    std::string secret;                 ///< of the registration token
    std::string profile_json;
    SimTime now;  ///< what the server's clock is set to
};

/// Runs under Python 2.7 and 3; prints one JSON object with host_id and command_id.
std::string setup_script(const SetupFacts& facts);

}  // namespace csim
