// Queues that grow although they are read.
#include "benchmark/measure/attribution.hpp"

#include <algorithm>
#include <cstdio>

namespace csim {
namespace {

/// A burst that everybody sends at once is gone by then.
constexpr std::size_t intervals_in_a_row = 3;

template <class... Args>
std::string text(const char* format, Args... args) {
    char line[512];
    std::snprintf(line, sizeof line, format, args...);
    return line;
}

/// One queue over the whole run.
struct History {
    double first = 0;
    std::size_t in_a_row = 0;
    double surplus = 0;     ///< the most that it was above what is allowed, when it stayed there
    std::size_t where = 0;  ///< the interval of that
    double fastest = 0;     ///< rate out while there was something to read
    bool rated = false;     ///< the manager tells its rates; else it is a list of work and no queue
};

void note(History& history, const QueueSample& reading, double servers, std::size_t index) {
    if (reading.in_rate > 0 || reading.out_rate > 0) history.rated = true;
    if (reading.messages > 1) history.fastest = std::max(history.fastest, reading.out_rate);
    const double allowed = std::max({reading.out_rate, servers, 1.0});
    const double surplus = reading.messages - history.first - allowed;
    history.in_a_row = surplus > 0 ? history.in_a_row + 1 : 0;
    if (history.in_a_row < intervals_in_a_row || surplus <= history.surplus) return;
    history.surplus = surplus;
    history.where = index;
}

}  // namespace

std::optional<LimitingResource> find_backed_up_queue(const std::vector<Interval>& intervals, bool failed) {
    std::map<std::string, History> histories;
    for (std::size_t i = 0; i < intervals.size(); ++i)
        for (const auto& [name, reading] : intervals[i].queues) {
            const auto [found, fresh] = histories.try_emplace(name);
            if (fresh) found->second.first = reading.messages;
            note(found->second, reading, static_cast<double>(intervals[i].servers), i);
        }
    std::erase_if(histories, [failed](const auto& each) {
        const History& history = each.second;
        const bool came_down = history.in_a_row < intervals_in_a_row;
        return !history.rated || history.surplus <= 0 || (came_down && !failed);
    });
    const auto worst = std::max_element(histories.begin(), histories.end(), [](auto& a, auto& b) {
        return a.second.surplus < b.second.surplus;
    });
    if (worst == histories.end()) return std::nullopt;
    const Interval& then = intervals[worst->second.where];
    const QueueSample& reading = then.queues.at(worst->first);
    return LimitingResource{
        "queue:" + worst->first,
        text(
            "Queue %s held %.0f messages at %.0f s with %lld servers: %.1f a second came in, %.1f went out; "
            "it never drained faster than %.1f a second.",
            worst->first.c_str(), reading.messages, then.at, static_cast<long long>(then.servers),
            reading.in_rate, reading.out_rate, worst->second.fastest
        )};
}

std::map<std::string, std::string> backed_up_queues(
    const std::map<std::string, QueueSample>& baseline, const std::map<std::string, QueueSample>& now,
    double servers
) {
    std::map<std::string, std::string> found;
    for (const auto& [name, reading] : now) {
        const auto before = baseline.find(name);
        const double base = before == baseline.end() ? 0 : before->second.messages;
        const double allowed = std::max(reading.out_rate, servers);
        if (reading.messages - base <= allowed) continue;
        found[name] = text(
            "queue %s is backed up (%.0f-%.0f>%.0f in=%.2f out=%.2f)", name.c_str(), reading.messages, base,
            allowed, reading.in_rate, reading.out_rate
        );
    }
    return found;
}

}  // namespace csim
