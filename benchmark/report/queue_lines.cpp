#include "benchmark/report/queue_lines.hpp"

#include <algorithm>
#include <cmath>

namespace csim {
namespace {

/// Every column is as wide as its name or `width`, and a blank follows it.
std::string padded(const std::string& cell, const std::string& name, std::size_t width) {
    const std::size_t wide = std::max(width, name.size() + 1);
    return cell + std::string(wide > cell.size() ? wide - cell.size() : 1, ' ');
}

std::string trimmed(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

}  // namespace

std::string queue_header(const std::string& time, const std::vector<std::string>& queues, std::size_t width) {
    std::string line = time + ": ";
    for (const std::string& name : queues) line += padded(name, name, width);
    return trimmed(line);
}

std::string queue_line(
    const std::string& time, const std::vector<std::string>& queues,
    const std::map<std::string, QueueSample>& readings, std::size_t width
) {
    std::string line = time + ": ";
    for (const std::string& name : queues) {
        const auto found = readings.find(name);
        const bool known = found != readings.end();
        const std::string cell = known ? std::to_string(std::llround(found->second.messages)) : "-";
        line += padded(cell, name, width);
    }
    return trimmed(line);
}

}  // namespace csim
