// The commands of `cluster-power`. Each returns an exit status, or throws Fatal.
#pragma once

#include "sim/control_client.hpp"
#include "sim/power_status.hpp"

#include <string>
#include <vector>

namespace csim {

/// Exit statuses beyond those of every program.
constexpr int status_not_running = 3;

enum class PowerView { servers, pdus };

/// The running simulator is asked; without one the folder is read, and standard error says so.
int power_status_command(const std::string& folder, PowerView view);

/// One outlet of one strip, until it is as wanted.
int switch_outlet_command(
    const std::string& folder, const std::string& strip, int outlet, const std::string& action
);
/// A server's outlet on every strip, or with `all` those of every server in order of outlets.
int switch_server_command(const std::string& folder, const std::string& server, const std::string& action);

/// `pdu_list` of a running simulator. Throws Fatal when it answers strangely.
std::vector<PowerStripStatus> ask_power_status(ControlClient& simulator);

}  // namespace csim
