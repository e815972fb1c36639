// Memory and processor time of a node.
// Source: the behaviour specification, §5.8.3. Differs: times add up, and follow the clock instead of the
// reads.
#include "fakes/target_statistics.hpp"

#include <algorithm>

namespace csim {

namespace {

constexpr std::int64_t ticks_per_s = 100;
/// Shares of a processor at mean activity, in thousandths. At the busiest they stay well below the whole.
constexpr std::int64_t user_permille = 120;
constexpr std::int64_t system_permille = 60;
constexpr std::int64_t iowait_permille = 30;

constexpr MemInfo start_memory = {
    .SwapTotal = 1048568,
    .SwapFree = 1048568,
    .MemFree = 66196,
    .Committed_AS = 209916,
    .VmallocChunk = 34359737507,
    .MemTotal = 509856,
    .VmallocUsed = 832,
    .AnonPages = 32052,
    .Inactive = 195760,
    .Active = 170680,
    .CommitLimit = 1303496,
    .Hugepagesize = 2048,
    .Cached = 238156,
    .LowTotal = 509856,
    .Dirty = 476,
    .Mapped = 19916,
    .VmallocTotal = 34359738367,
    .PageTables = 5096,
    .Slab = 60816,
    .Buffers = 96236,
    .LowFree = 66196,
};
constexpr CpuStats start_processor = {
    .iowait = 58994, .idle = 17632363, .total = 17820617, .user = 6160, .system = 100260};

}  // namespace

NodeMetrics node_metrics(const std::string& fqdn, const Activity& activity, SimTime booted_at, SimTime now) {
    NodeMetrics node;
    fill_node_metrics(node, fqdn, activity, booted_at, now);
    return node;
}

void fill_node_metrics(
    NodeMetrics& node, const std::string& fqdn, const Activity& activity, SimTime booted_at, SimTime now
) {
    const auto boot = unix_seconds(booted_at);
    const auto second = std::max(unix_seconds(now), boot);
    const auto busy = activity.at(second) - activity.at(boot);
    if (node.hostname != fqdn) node.hostname = fqdn;
    node.meminfo = start_memory;
    node.cpustats = start_processor;
    // At boot the original's value, from then on anything from a tenth to a quarter of the memory.
    const auto swing = activity.gauge(second, 300, 1) - activity.gauge(boot, 300, 1);
    const auto free = start_memory.MemFree + swing * (start_memory.MemTotal / 10) / 1000;
    node.meminfo.MemFree = node.meminfo.LowFree = std::clamp<std::int64_t>(free, 8192, start_memory.MemTotal);
    const auto ticks = [&](std::int64_t permille) { return busy * permille / 1000 * ticks_per_s / 1000; };
    node.cpustats.user += ticks(user_permille);
    node.cpustats.system += ticks(system_permille);
    node.cpustats.iowait += ticks(iowait_permille);
    node.cpustats.total += (second - boot) * ticks_per_s;
    node.cpustats.idle += (second - boot) * ticks_per_s - ticks(user_permille) - ticks(system_permille) -
                          ticks(iowait_permille);
}

}  // namespace csim
