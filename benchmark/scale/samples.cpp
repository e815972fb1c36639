#include "benchmark/scale/samples.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

namespace csim {
namespace {

ProcessSample sample_of(pid_t pid) {
    const ProcessCost cost = cost_of(pid);
    std::error_code ignored;
    const std::filesystem::directory_iterator files("/proc/" + std::to_string(pid) + "/fd", ignored);
    return {
        cost.cpu_seconds, static_cast<double>(cost.resident_bytes),
        static_cast<double>(std::distance(begin(files), end(files)))};
}

LatencyClasses classes_of(const Json& latencies, const char* what) {
    LatencyClasses classes;
    for (const Json& each : latencies[what]["classes_us"])
        classes[each[0].get<std::int64_t>()] = each[1].get<std::int64_t>();
    return classes;
}

}  // namespace

Sample take_sample(ScaleStage& stage) {
    Sample sample;
    sample.at = BenchClock::now();
    sample.simulator = sample_of(stage.simulator_pid());
    sample.manager = sample_of(stage.manager_pid());
    sample.info = stage.control("simulator_info");
    const Json latencies = stage.control("simulator_latencies");
    sample.lag = classes_of(latencies, "lag");
    sample.lateness = classes_of(latencies, "poll_lateness");
    sample.posts = classes_of(latencies, "posts");
    return sample;
}

Latency between(const LatencyClasses& before, const LatencyClasses& after) {
    Latency latency;
    LatencyClasses fresh;
    for (const auto& [edge, count] : after) {
        const auto known = before.find(edge);
        const std::int64_t more = count - (known == before.end() ? 0 : known->second);
        if (more > 0) fresh[edge] = more;
        latency.count += std::max<std::int64_t>(more, 0);
    }
    const auto at = [&](double share) {
        std::int64_t seen = 0;
        for (const auto& [edge, count] : fresh) {
            seen += count;
            if (static_cast<double>(seen) >= share * static_cast<double>(latency.count))
                return static_cast<double>(edge) / 1e3;
        }
        return 0.0;
    };
    latency.p50_ms = at(0.5);
    latency.p99_ms = at(0.99);
    latency.max_ms = at(1.0);
    return latency;
}

double growth_of(const Json& before, const Json& after, const char* key) {
    return after.value(key, 0.0) - before.value(key, 0.0);
}

std::int64_t sessions_lost(const Json& info) {
    std::int64_t lost = 0;
    for (const auto& reason : info["sessions_ended"].items()) {
        if (reason.key() != "stopped") lost += reason.value().get<std::int64_t>();
    }
    return lost;
}

double slope(const std::vector<std::array<double, 2>>& points) {
    if (points.size() < 2) return 0;
    double mean_x = 0, mean_y = 0;
    for (const auto& [x, y] : points) mean_x += x, mean_y += y;
    mean_x /= static_cast<double>(points.size());
    mean_y /= static_cast<double>(points.size());
    double along = 0, across = 0;
    for (const auto& [x, y] : points) {
        along += (x - mean_x) * (x - mean_x);
        across += (x - mean_x) * (y - mean_y);
    }
    return along > 0 ? across / along : 0;
}

}  // namespace csim
