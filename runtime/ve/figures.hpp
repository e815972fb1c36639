// The experiment's arithmetic: addresses, complete logs, and the block of figures that it is judged by.
#pragma once

#include "core/result.hpp"
#include "runtime/node_types.hpp"

#include <string>
#include <vector>

namespace csim {

/// How environments get their addresses.
enum class Addressing {
    original,  ///< 10.0.(i div 255).(i mod 255); ends at 65,024
    wide,      ///< the same up to there, then three bytes; skips .0 and .255; ends at 16,500,000
};
constexpr std::uint64_t original_last = 65'024, wide_last = 16'500'000;
/// Errors: bad_argument beyond the last.
Result<std::string> address_of(std::uint64_t number, Addressing addressing);

/// Lines of a complete log of that many pings.
constexpr std::uint64_t complete_lines(int pings) {
    return static_cast<std::uint64_t>(pings) + 8;
}

/// What was seen of one environment.
struct SeenEnvironment {
    std::uint64_t number = 0;
    NodeState state = NodeState::absent;
    std::int64_t pid = 0;
    Duration boot{};
    std::optional<JobReport> job = {};  ///< absent: no log
};

struct Percentiles {
    std::uint64_t count = 0;
    double min = 0, p50 = 0, p90 = 0, p99 = 0, max = 0;  ///< milliseconds, nearest rank
};
Percentiles percentiles_of(std::vector<Duration> spans);

/// total = complete + incomplete + no_log, always.
struct ExperimentFigures {
    std::uint64_t total = 0, complete = 0, incomplete = 0, no_log = 0, with_pid = 0, disk_bytes = 0;
    Percentiles boot, reply;
};
ExperimentFigures figures_of(const std::vector<SeenEnvironment>& seen, std::uint64_t disk_bytes, int pings);

/// Six lines. `legacy_label` has the label of the last published script.
std::string block_text(
    const ExperimentFigures& figures, const std::string& folder, int pings, bool legacy_label
);

/// As `du -h` writes it: rounded up, one decimal below ten.
std::string human_size(std::uint64_t bytes);

}  // namespace csim
