// What registration needs from the manager's table of hosts.
#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace csim {

/// A server that has just proved its right to join.
struct HostDraft {
    std::string fqdn;
    std::string nodename;
    std::string address;  ///< never empty
    std::string version;  ///< of the agent; may be empty
    std::string profile;  ///< the token's
};

struct RegisteredHost {
    std::int64_t host_id = 0;
    std::int64_t command_id = 0;  ///< the set-up that has just been started
};

/// Implemented over the host records. Everything happens at one instant on the world's thread, through the
/// same Documents as the registrar's own, so that a registration is on disk as a whole or not at all.
class HostRegistry {
  public:
    virtual ~HostRegistry() = default;
    /// A live host has that name and is not waiting to be adopted (`undeployed`).
    virtual bool host_in_use(std::string_view fqdn) const = 0;
    /// Creates the host, or adopts the undeployed one, and starts its set-up. Called when the host's agent
    /// may already open sessions. Errors: conflict, the address is in use; anything else is told to the agent
    /// as is.
    virtual Result<RegisteredHost> create_host(const HostDraft& draft) = 0;
    /// The agent of `from` asks to be known by another name and address. Errors: conflict, the address is in
    /// use.
    virtual Result<Nothing> rename_host(
        std::string_view from, const std::string& to, const std::string& address
    ) = 0;
    /// JSON text of the profile's attributes as agents store them; nothing if there is no such profile.
    virtual std::optional<std::string> profile_json(std::string_view profile) const = 0;
};

}  // namespace csim
