// What one agent's way to its manager is like: the vocabulary that live faults and virtual time share.
#pragma once

#include "core/rng.hpp"

#include <cstddef>

namespace csim {

enum class NetworkFault {
    none,
    refuse,          ///< every connection breaks, every request fails at once
    drop_responses,  ///< one GET and one POST reach the manager, their answers are lost; then everything
                     ///< fails
};

/// Of one host's way to the manager. The default adds nothing to what the real network does.
struct LinkConditions {
    Duration latency{};           ///< one way
    Duration jitter{};            ///< added to each message, uniformly
    Ratio loss{0, 1};             ///< of requests and of answers; the connection breaks with them
    double bytes_per_second = 0;  ///< 0: so much that it does not matter
    bool to_manager_cut = false;  ///< nothing arrives there, and nobody is told
    bool from_manager_cut = false;
    bool frozen = false;  ///< in virtual time only: the agent's process stands still
};

bool same(const LinkConditions& a, const LinkConditions& b);

/// How long a message of so many bytes is on its way.
Duration travel_time(const LinkConditions& link, Rng& chance, std::size_t bytes);
/// Whether a message in this direction gets lost.
bool is_lost(const LinkConditions& link, Rng& chance, bool to_manager);

/// A request that nobody answers fails after this.
inline constexpr Duration lost_request_timeout = 60s;

}  // namespace csim
