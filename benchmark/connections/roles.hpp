// The parts that run in processes of their own, so that each side's memory and CPU time can be told apart.
#pragma once

#include <cstdint>
#include <string>

namespace csim {

/// Serves a 200-byte answer over TLS until killed; prints its port. Keys are read from `folder`.
int serve_until_killed(const std::string& folder);

/// Each prints `name value` lines.
/// Opens 1,000 and then 9,000 kept connections, `lanes_per_identity` to each key and certificate, and prints
/// the slope of resident memory per connection.
int measure_memory(
    const std::string& folder, std::uint16_t port, std::size_t lanes_per_identity, bool hibernate
);
/// Handshakes with a client certificate, all of them full, or all but the first resumed.
int measure_connects(const std::string& folder, std::uint16_t port, bool resumed);
/// Requests one after the other on each of 64 kept connections.
int measure_requests(std::uint16_t port, std::size_t requests, std::size_t lanes);

}  // namespace csim
