// Programs of others, run against the same server as ours in the same minute.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace csim {

struct PeerRun {
    std::string command;
    double per_second = 0;
    double cpu_seconds = 0;
    double count = 0;  ///< requests or connects behind the figures
};

/// nullopt: not installed, or its output was not understood.
std::optional<PeerRun> run_h2load(std::uint16_t port, std::size_t requests);
std::optional<PeerRun> run_wrk(std::uint16_t port, int seconds);
/// Full handshakes with a client certificate; per_second is per second of its CPU time.
std::optional<PeerRun> run_s_time(std::uint16_t port, const std::string& folder, int seconds);

}  // namespace csim
