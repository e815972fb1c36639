// How the manager talks to power devices, without saying by what: an implementation runs fence agents or
// speaks the menu of a power strip itself; tests answer from a table.
#pragma once

#include "core/result.hpp"
#include "core/unique_function.hpp"
#include "manager/model/power_rows.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace csim {

enum class PowerAction { monitor, list, status, on, off, reboot };

/// `on`, `list-status` and so on, as fence agents call their actions.
const char* fence_action(PowerAction action);

/// One operation on one device, with all that is needed to reach it.
struct PowerCall {
    PowerAction action = PowerAction::monitor;
    std::string outlet;  ///< of status, on, off and reboot
    std::string agent;   ///< such as fence_apc
    std::string address;
    std::uint16_t port = 23;
    std::string username;
    std::string password;
    std::string options;
    FenceTemplates templates;
};

struct PowerAnswer {
    std::map<std::string, std::optional<bool>> outlets;  ///< what was learned; nothing: not understood
    std::string console;                                 ///< what people may want to see of it
};

class PowerDriver {
  public:
    using Done = UniqueFunction<void(Result<PowerAnswer>)>;
    virtual ~PowerDriver() = default;
    /// Runs one operation; `done` is called once, on the world's thread, never inside this call. A device
    /// gets its next call after that. Errors: unreachable, refused (credentials), not_found (the outlet),
    /// corrupt, bad_argument.
    virtual void run(PowerCall call, Done done) = 0;
    /// The IPv4 address of a name. Errors: bad_argument.
    virtual Result<std::string> resolve(const std::string& name) = 0;
};

/// Reads `1,Outlet 1,ON` lines. Source: output of the fence agents' actions list-status.
std::map<std::string, std::optional<bool>> parse_outlet_list(const std::string& text);
/// Reads `Status: ON`; nothing when it says neither.
std::optional<bool> parse_outlet_status(const std::string& text);

/// The command line for `call`, one argument each; no shell is involved. Errors: bad_argument when the
/// template does not begin with the agent or names an unknown value.
Result<std::vector<std::string>> fence_command(const PowerCall& call);

}  // namespace csim
