// The log of a node's ping job, as `ping` writes it: what it says at any moment, and what a finished one
// proves.
#pragma once

#include "runtime/node_types.hpp"

#include <string>
#include <string_view>

namespace csim {

/// START, the header, a line a reply, an empty one, two of statistics, the times, STOP, an empty one.
constexpr std::uint64_t lines_around_replies = 8;

/// Whole lines and what they tell of replies. Source: the experiment counts complete logs by 188 lines.
JobReport read_ping_log(std::string_view text);

/// The part of a log that has been written `replies` replies after `began`; all of it when `over`.
std::string ping_log_text(
    const PingJob& job, SimTime began, std::uint64_t replies, Duration reply, bool over
);

/// Where nodes keep it.
inline constexpr std::string_view ping_log_path = "/home/ubuntu/log_ping";

}  // namespace csim
