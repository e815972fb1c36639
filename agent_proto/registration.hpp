// How a host becomes known to a manager: what it sends once, and what the answer means. No sockets: a
// RegistrationTransport carries the texts.
#pragma once

#include "agent_proto/transport.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace csim {

/// Who asks. Source: §2.3 of the protocol.
struct Registrant {
    std::string fqdn;
    std::string nodename;
    std::string address;  ///< unique among hosts; empty: the fqdn stands in, since managers take no null
    std::string version;  ///< such as `4.0.10.0`; managers compare major and minor with their own
    std::vector<std::string> capabilities = {"manage_targets"};
};

struct Registered {
    std::int64_t host_id = 0;
    std::int64_t command_id = 0;  ///< the set-up command that the manager has started
    std::string certificate;      ///< PEM
};

/// The body of the request. Fails as check_fqdn() does: such a host must not ask.
Result<std::string> registration_body(const Registrant& registrant, const std::string& csr_pem);

/// What the answer means for the host `fqdn`. Every error is one sentence for people.
/// Errors: refused (the token), conflict (the name is taken), bad_argument (the manager found fault with the
/// request), corrupt (an answer that is none), unreachable (the manager failed).
Result<Registered> read_registration_reply(
    const std::string& fqdn, const RegistrationTransport::Reply& reply
);

/// Sends and reads. `done` runs once, never from inside this call unless the host may not register at all.
void register_host(
    RegistrationTransport& transport, const std::string& secret, const Registrant& registrant,
    const std::string& csr_pem, UniqueFunction<void(Result<Registered>)> done
);

}  // namespace csim
