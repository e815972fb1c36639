// Who may talk to a control port: names of this machine, and secrets.
#pragma once

#include <string_view>

namespace csim {

/// Whether a host as listeners are given it (`127.0.0.1`, `::1`, `localhost`) is reachable from this machine
/// only.
bool is_loopback(std::string_view host);
/// The same for the value of a Host header: an optional port, IPv6 in brackets.
bool names_loopback(std::string_view authority);
/// Equality whose duration says nothing about where the texts differ.
bool same_secret(std::string_view given, std::string_view expected);

}  // namespace csim
