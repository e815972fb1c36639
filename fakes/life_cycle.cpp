#include "fakes/life_cycle.hpp"

#include <array>

namespace csim {
namespace {

using enum Phase;
using enum LifeEvent;
using enum BootQueue;

constexpr auto rows = std::to_array<LifeTransition>({
    {off, boot, booting, clear},
    {off, reboot, booting, clear},
    {off, power_cut, off, clear},

    {booting, elapsed, up, clear},
    {booting, shut_down, shutting_down, clear},
    {booting, reboot, shutting_down, set},
    {booting, power_cut, off, clear},

    {up, shut_down, shutting_down, clear},
    {up, reboot, shutting_down, set},
    {up, power_cut, off, clear},

    {shutting_down, boot, shutting_down, set},
    {shutting_down, reboot, shutting_down, set},
    {shutting_down, shut_down, shutting_down, clear},
    {shutting_down, elapsed, off, clear},
    {shutting_down, elapsed_queued, booting, clear},
    {shutting_down, power_cut, off, clear},
});

}  // namespace

std::string_view phase_name(Phase phase) {
    return boost::describe::enum_to_string(phase, "?");
}

std::span<const LifeTransition> life_transitions() {
    return rows;
}

const LifeTransition* find_transition(Phase from, LifeEvent on) {
    for (const LifeTransition& row : rows) {
        if (row.from == from && row.on == on) return &row;
    }
    return nullptr;
}

}  // namespace csim
