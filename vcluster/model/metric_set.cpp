#include "vcluster/model/metric_set.hpp"

#include "core/utc.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <map>
#include <sstream>
#include <string_view>

namespace csim::model {
namespace {

struct Plugin {
    std::string_view name;
    std::vector<std::string_view> metrics;
};

/// Names as the kernel's files have them.
const std::vector<Plugin>& plugins() {
    static const std::vector<Plugin> all{
        {"meminfo", {"MemTotal",    "MemFree",    "MemAvailable", "Buffers",     "Cached",       "SwapCached",
                     "Active",      "Inactive",   "SwapTotal",    "SwapFree",    "Dirty",        "Writeback",
                     "AnonPages",   "Mapped",     "Shmem",        "Slab",        "SReclaimable", "SUnreclaim",
                     "KernelStack", "PageTables", "CommitLimit",  "Committed_AS"}},
        {"vmstat",
         {"nr_free_pages", "nr_inactive_anon", "nr_active_anon", "nr_inactive_file", "nr_active_file",
          "nr_mapped", "nr_dirty", "nr_writeback", "pgpgin", "pgpgout", "pgalloc_normal", "pgfree", "pgfault",
          "pgmajfault"}},
        {"procstat",
         {"cores_up", "user", "nice", "sys", "idle", "iowait", "irq", "softirq", "intr", "context_switches",
          "processes", "procs_running", "procs_blocked"}},
        {"loadavg", {"load1min", "load5min", "load15min", "runnable", "scheduling_entities", "newest_pid"}},
        {"procnetdev",
         {"rx_bytes#eth0", "rx_packets#eth0", "rx_errs#eth0", "tx_bytes#eth0", "tx_packets#eth0",
          "tx_errs#eth0"}},
        {"procinterrupts", {"irq.0#0", "irq.LOC#0", "irq.RES#0", "irq.TLB#0"}},
        {"procnfs", {"numcalls", "retransmitts", "getattr", "lookup", "read", "write"}},
        {"test_sampler", {"metric_1", "metric_2"}},
        {"synthetic", {"sine", "square", "saw"}},
        {"clock", {"tick"}},
        {"slurm_sampler", {}}};
    return all;
}

const Plugin* find_plugin(const std::string& name) {
    for (const Plugin& each : plugins())
        if (each.name == name) return &each;
    return nullptr;
}

std::string zeros(std::size_t count) {
    std::string text = "0";
    for (std::size_t i = 1; i < count; ++i) text += ",0";
    return text;
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
    return parts;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& each : parts) text += (text.empty() ? "" : ",") + each;
    return text;
}

/// A capacity stays, a level wanders, a counter grows.
std::string next_value(const Metric& metric, Rng& rng) {
    static constexpr std::array<std::string_view, 5> fixed{
        "MemTotal", "SwapTotal", "CommitLimit", "cores_up", "SwapFree"};
    const std::int64_t before = std::atoll(metric.value.c_str());
    if (std::find(fixed.begin(), fixed.end(), metric.name) != fixed.end())
        return metric.name == "cores_up" ? "1" : metric.name.starts_with("Swap") ? "0" : "4028440";
    const bool level = std::isupper(static_cast<unsigned char>(metric.name[0])) != 0 ||
                       metric.name.starts_with("nr_") || metric.name.starts_with("load");
    if (!level) return std::to_string(before + rng.between(0, 1000));
    const std::int64_t middle = before == 0 ? rng.between(1000, 3'000'000) : before;
    return std::to_string(std::max<std::int64_t>(0, middle + rng.between(-middle / 50, middle / 50)));
}

}  // namespace

Metric* MetricSet::find(const std::string& name) {
    const auto found =
        std::find_if(metrics.begin(), metrics.end(), [&](const Metric& each) { return each.name == name; });
    return found == metrics.end() ? nullptr : &*found;
}

bool is_sampler_plugin(const std::string& plugin) {
    return find_plugin(plugin) != nullptr;
}

bool is_store_plugin(const std::string& plugin) {
    static constexpr std::array<std::string_view, 4> known{
        "store_csv", "store_sos", "store_flatfile", "store_none"};
    return std::find(known.begin(), known.end(), plugin) != known.end();
}

std::string schema_of(const std::string& plugin) {
    return plugin == "slurm_sampler" ? "mt-slurm" : plugin;
}

std::vector<Metric> metrics_of(const std::string& plugin, const std::string& component, std::size_t slots) {
    std::vector<Metric> all;
    all.push_back({"component_id", "u64", true, component});
    if (plugin == "slurm_sampler") {
        all.push_back({"job_slot_list_tail", "s32", false, "0"});
        for (const char* name :
             {"job_id", "job_state", "job_start", "job_end", "job_uid", "job_size", "node_count",
              "task_count"})
            all.push_back({name, std::string(name) == "job_id" ? "u64[]" : "u32[]", false, zeros(slots)});
        return all;
    }
    all.push_back({"job_id", "u64", false, "0"});
    all.push_back({"app_id", "u64", false, "0"});
    for (const std::string_view each : find_plugin(plugin)->metrics)
        all.push_back({std::string(each), "u64", false, "0"});
    return all;
}

void sample(MetricSet& set, SimTime now, Rng& rng) {
    for (Metric& each : set.metrics)
        if (!each.meta && each.name != "job_id" && each.name != "app_id") each.value = next_value(each, rng);
    set.consistent = true;
    set.updated = now;
    set.took = Duration(rng.between(40'000, 200'000));
}

void note_job(MetricSet& set, int job, const std::string& event, int nodes, int tasks) {
    Metric* ids = set.find("job_id");
    Metric* tail = set.find("job_slot_list_tail");
    if (ids == nullptr || tail == nullptr) return;
    auto slots = split(ids->value);
    const std::string id = std::to_string(job);
    auto found = std::find(slots.begin(), slots.end(), id);
    if (found == slots.end()) {
        found = std::find(slots.begin(), slots.end(), "0");
        const auto oldest = static_cast<std::size_t>(std::atoi(tail->value.c_str())) % slots.size();
        if (found == slots.end()) found = slots.begin() + static_cast<std::ptrdiff_t>(oldest);
        tail->value = std::to_string((static_cast<std::size_t>(found - slots.begin()) + 1) % slots.size());
        *found = id;
    }
    const auto slot = static_cast<std::size_t>(found - slots.begin());
    ids->value = joined(slots);
    const auto put = [&](const char* name, const std::string& value) {
        Metric* metric = set.find(name);
        auto values = split(metric->value);
        values[slot] = value;
        metric->value = joined(values);
    };
    put("job_state", event == "init" ? "1" : event == "task_init" ? "2" : event == "task_exit" ? "3" : "4");
    put("node_count", std::to_string(nodes));
    put("task_count", std::to_string(tasks > 0 ? tasks : nodes));
    put("job_size", std::to_string(tasks > 0 ? tasks : nodes));
}

namespace {

std::string padded(const std::string& text, std::size_t width, bool left = true) {
    const std::string blanks(text.size() < width ? width - text.size() : 0, ' ');
    return left ? text + blanks : blanks + text;
}

std::string seconds_text(SimTime at) {
    char text[64];
    std::snprintf(
        text, sizeof text, "%lld.%06lld", static_cast<long long>(at.unix_ns() / 1'000'000'000),
        static_cast<long long>(at.unix_ns() / 1000 % 1'000'000)
    );
    return text;
}

std::size_t data_size(const MetricSet& set) {
    std::size_t bytes = 64;
    for (const Metric& each : set.metrics)
        bytes += 8 * static_cast<std::size_t>(1 + std::count(each.value.begin(), each.value.end(), ','));
    return bytes;
}

std::size_t meta_size(const MetricSet& set) {
    std::size_t bytes = 128 + set.instance.size() + set.schema.size();
    for (const Metric& each : set.metrics) bytes += 32 + each.name.size();
    return bytes;
}

const std::string rule =
    "-------------- ------------------------ ------ ------ ------ ------ ------ ---------- ----------------- "
    "----------------- -----------\n";

}  // namespace

std::string long_text(const MetricSet& set) {
    const std::time_t seconds = set.updated.unix_ns() / 1'000'000'000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char when[64];
    std::strftime(when, sizeof when, "%a %b %d %H:%M:%S %Y +0000", &parts);
    std::string text = set.instance + ": " + (set.consistent ? "consistent" : "inconsistent") +
                       ", last update: " + when + " [" +
                       std::to_string(set.updated.unix_ns() / 1000 % 1'000'000) + "us] \n";
    for (const Metric& each : set.metrics)
        text += (each.meta ? "M " : "D ") + padded(each.type, 10) + " " + padded(each.name, 42) + " " +
                each.value + "\n";
    return text + "\n";
}

std::string table_head() {
    return "Schema         Instance                 Flags  Msize  Dsize  UID    GID    Perm       Update     "
           "       "
           "Duration          Info\n" +
           rule;
}

std::string table_row(const MetricSet& set) {
    char took[32];
    std::snprintf(took, sizeof took, "%.6f", static_cast<double>(set.took.count()) / 1e9);
    const std::string flags = std::string(set.consistent ? "C" : " ") + (set.local ? "L " : "R ");
    return padded(set.schema, 14) + " " + padded(set.instance, 24) + " " + padded(flags, 6, false) + " " +
           padded(std::to_string(meta_size(set)), 6, false) + " " +
           padded(std::to_string(data_size(set)), 6, false) + " " +
           padded(std::to_string(set.uid), 6, false) + " " + padded(std::to_string(set.gid), 6, false) + " " +
           padded(set.perm, 10, false) + " " + padded(seconds_text(set.updated), 17, false) + " " +
           padded(took, 17, false) + " \"updt_hint_us\"=\"1000000:0\"\n";
}

std::string table_foot(const std::vector<std::shared_ptr<MetricSet>>& sets) {
    std::size_t meta = 0, data = 0;
    for (const auto& each : sets) meta += meta_size(*each), data += data_size(*each);
    char text[160];
    std::snprintf(
        text, sizeof text, "Total Sets: %zu, Meta Data (kB): %.2f, Data (kB) %.2f, Memory (kB): %.2f\n",
        sets.size(), static_cast<double>(meta) / 1000, static_cast<double>(data) / 1000,
        static_cast<double>(meta + data) / 1000
    );
    return rule + text + "\n" + std::string(71, '=') + "\n\n";
}

}  // namespace csim::model
