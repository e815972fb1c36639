// What the queue monitor prints: a header, then one line a reading.
#pragma once

#include "benchmark/measure/interval.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace csim {

/// The queues that the original's monitor showed.
inline const std::vector<std::string> usual_queues{"agent_lustre_rx", "agent_tx", "stats"};

/// `<time>: <name padded to width> …`. A name that is longer than its column is followed by one blank.
std::string queue_header(const std::string& time, const std::vector<std::string>& queues, std::size_t width);
/// Messages of each queue under its name; `-` for one that the manager does not tell of.
std::string queue_line(
    const std::string& time, const std::vector<std::string>& queues,
    const std::map<std::string, QueueSample>& readings, std::size_t width
);

}  // namespace csim
