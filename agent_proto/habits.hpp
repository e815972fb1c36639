// Which habits an agent has on the wire. Messages are the same in both; timing differs.
#pragma once

#include "core/time.hpp"

namespace csim {

struct WireHabits {
    /// Exactly the original agents' timing: no jitter, a tick of 1.001 s, and session requests after 10, 20,
    /// 40, 80, 80 … seconds. Otherwise a tick of 1 s, requests after 10, 20, 40, 60, 60 … seconds, and pauses
    /// that vary by ±10 %, so that a fleet does not return to its manager in step.
    bool reference = false;

    /// Each plugin is looked at that often. Source: §3.12 and the cadence measured in §5.3 of the protocol.
    Duration tick() const { return reference ? Duration(1001ms) : Duration(1s); }
    /// From the start of one poll to the next.
    Duration poll_period() const { return 10 * tick(); }
    /// The pause after the one of `pause`. Source: §3.12; B-34 for the difference.
    Duration longer_pause(Duration pause) const {
        if (reference) return pause < 60s ? pause * 2 : pause;
        return pause * 2 < 60s ? pause * 2 : Duration(60s);
    }
};

inline constexpr Duration session_request_pause_first = 10s;
inline constexpr Duration reader_pause = 10s;
inline constexpr Duration completions_kept_for = 10min;

}  // namespace csim
