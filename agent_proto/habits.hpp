// Which habits an agent has on the wire. Messages are the same in both; timing differs.
#pragma once

#include "core/rng.hpp"
#include "core/time.hpp"

#include <algorithm>
#include <cstddef>

namespace csim {

struct WireHabits {
    /// Exactly the original agents' timing: no jitter, a tick of 1.001 s, and session requests after 10, 20,
    /// 40, 80, 80 … seconds. Otherwise a tick of 1 s, requests after 10, 20, 40, 60, 60 … seconds, and pauses
    /// that vary by ±10 %. Then an agent also keeps to its own tenth of a second, so to speak: polls stay at
    /// the phase that its start gave them whenever its sessions open, and agents that lost their manager come
    /// back one by one, each with its long poll and its session requests at one instant.
    bool reference = false;
    /// Over how long a fleet comes back to a manager that was gone; see spread_for(). Not for `reference`.
    Duration return_spread = 10s;

    /// Each plugin is looked at that often. Source: §3.12 and the cadence measured in §5.3 of the protocol.
    Duration tick() const { return reference ? Duration(1001ms) : Duration(1s); }
    /// From the start of one poll to the next.
    Duration poll_period() const { return 10 * tick(); }
    /// The pause after the one of `pause`. Source: §3.12; B-34 for the difference.
    Duration longer_pause(Duration pause) const {
        if (reference) return pause < 60s ? pause * 2 : pause;
        return pause * 2 < 60s ? pause * 2 : Duration(60s);
    }
    /// From a failed long poll to the next: 10 s, or on average that for a small fleet.
    Duration pause_after_failure(Rng& rng) const {
        constexpr Duration original = 10s;
        return reference ? original : rng.between(original / 2, original / 2 + return_spread);
    }
};

/// Over how long so many agents should start, or come back: the period of their polls, and for a large fleet
/// that of their long polls, so that neither comes in waves and handshakes keep to what a core can do.
inline Duration spread_for(std::size_t agents) {
    return std::clamp(Duration(10ms) * static_cast<std::int64_t>(agents), Duration(10s), Duration(30s));
}

inline constexpr Duration session_request_pause_first = 10s;
inline constexpr Duration completions_kept_for = 10min;

}  // namespace csim
