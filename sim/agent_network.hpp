// How the fleet reaches its manager: real sockets, or a manager in the same process.
#pragma once

#include "agent_proto/transport.hpp"
#include "net/link_conditions.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace csim {

/// What an agent proves itself with: its key and the certificate the manager gave it, as PEM text.
struct Credentials {
    std::string key_pem;
    std::string certificate_pem;
};

/// Figures since the start.
struct NetworkStats {
    std::uint64_t requests = 0;
    std::uint64_t failures = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::size_t connections = 0;  ///< open now
    std::uint64_t connects = 0;   ///< connections begun
    std::size_t hibernating = 0;  ///< of the open ones: without OpenSSL
};

class AgentNetwork {
  public:
    virtual ~AgentNetwork() = default;
    /// The transport of one agent process. It lives as long as that process, and not longer than the network.
    /// Errors: corrupt credentials.
    virtual Result<std::unique_ptr<AgentTransport>> connect(
        const std::string& fqdn, const Credentials& credentials
    ) = 0;
    virtual RegistrationTransport& registration() = 0;
    /// Faults and conditions hold for agents connected now and later; an empty `fqdn` means all of them.
    virtual void set_fault(const std::string& fqdn, NetworkFault fault) = 0;
    virtual NetworkFault fault(const std::string& fqdn) const = 0;
    virtual void set_conditions(const std::string& fqdn, const LinkConditions& conditions) = 0;
    virtual const LinkConditions& conditions(const std::string& fqdn) const = 0;
    /// Of a link to which nothing was done.
    virtual const LinkConditions& normal() const = 0;
    /// Back to normal, whatever was done. What was frozen goes on.
    void heal(const std::string& fqdn) {
        set_conditions(fqdn, normal());
        set_fault(fqdn, NetworkFault::none);
    }
    virtual NetworkStats stats() const = 0;
};

}  // namespace csim
