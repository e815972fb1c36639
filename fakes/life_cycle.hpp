// The life of a server as a table: what is not in it cannot happen.
#pragma once

#include <boost/describe.hpp>

#include <optional>
#include <span>
#include <string_view>

namespace csim {

enum class Phase { off, booting, up, shutting_down };
BOOST_DESCRIBE_ENUM(Phase, off, booting, up, shutting_down)
std::string_view phase_name(Phase phase);

enum class LifeEvent {
    boot,            ///< somebody wants it up
    shut_down,       ///< somebody wants it down
    reboot,          ///< down, then up
    power_cut,       ///< the last supply went off
    elapsed,         ///< the time that this phase takes is over
    elapsed_queued,  ///< the same, with a boot waiting
};
BOOST_DESCRIBE_ENUM(LifeEvent, boot, shut_down, reboot, power_cut, elapsed, elapsed_queued)

/// What becomes of a boot that waits for the end of a shutdown.
enum class BootQueue { clear, set };

struct LifeTransition {
    Phase from;
    LifeEvent on;
    Phase to;
    BootQueue boot;
};

/// Source: the behaviour specification, §4.4 to §4.7 and §4.9. Differs: a power cut ends every phase at once.
std::span<const LifeTransition> life_transitions();
/// The row, or null when this cannot happen in that phase.
const LifeTransition* find_transition(Phase from, LifeEvent on);

}  // namespace csim
