// Power is cut to some servers at once; how long until the manager shows every target of theirs on a peer.
#include "benchmark/routines/filesystem.hpp"
#include "benchmark/routines/routine.hpp"

#include <algorithm>
#include <cstdio>
#include <set>

namespace csim {
namespace {

constexpr Duration moved_within = 300s;

/// A target and where it may run.
struct Placed {
    std::string name;
    std::string active;  ///< URI of the host
    std::set<std::string> homes;
};

std::string text_at(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<Placed> targets(Bench& bench) {
    std::vector<Placed> found;
    const Json list = bench.get("api/target/?limit=0");
    for (const Json& each : list.value("objects", Json::array())) {
        Placed target{text_at(each, "name"), text_at(each, "active_host"), {}};
        target.homes.insert(text_at(each, "primary_server"));
        for (const Json& other : each.value("failover_servers", Json::array()))
            if (other.is_string()) target.homes.insert(other.get<std::string>());
        found.push_back(std::move(target));
    }
    return found;
}

std::map<std::string, std::string> names_of_hosts(Bench& bench) {
    std::map<std::string, std::string> names;
    const Json list = bench.get("api/host/?limit=0");
    for (const Json& each : list.value("objects", Json::array()))
        names[text_at(each, "resource_uri")] = text_at(each, "fqdn");
    return names;
}

/// Whether the target may run on a host that is not one of these.
bool has_home_beside(const Placed& target, const std::set<std::string>& hosts) {
    return std::any_of(target.homes.begin(), target.homes.end(), [&](const std::string& home) {
        return !home.empty() && !hosts.contains(home);
    });
}

/// Up to `count` hosts, each of which runs a target that could run on one that is not chosen. A peer of a
/// chosen one is spared.
std::set<std::string> choose_victims(const std::vector<Placed>& all, std::size_t count) {
    std::set<std::string> chosen, spared;
    for (const Placed& target : all) {
        if (chosen.size() >= count) break;
        if (target.active.empty() || spared.contains(target.active) || chosen.contains(target.active))
            continue;
        std::set<std::string> with = chosen;
        with.insert(target.active);
        if (!has_home_beside(target, with)) continue;
        chosen = with;
        for (const std::string& home : target.homes)
            if (home != target.active) spared.insert(home);
    }
    return chosen;
}

/// When each target that ran on a victim was first shown elsewhere, in seconds since the cut.
std::vector<double> watch_moves(
    Bench& bench, const std::vector<Placed>& before, const std::set<std::string>& victims,
    std::size_t& affected
) {
    std::map<std::string, double> moved;
    std::set<std::string> waiting;
    for (const Placed& target : before)
        if (victims.contains(target.active) && has_home_beside(target, victims)) waiting.insert(target.name);
    affected = waiting.size();
    const double began = steady_seconds();
    bench.until(
        [&] {
            for (const Placed& target : targets(bench)) {
                const bool elsewhere = !target.active.empty() && !victims.contains(target.active);
                if (elsewhere && waiting.erase(target.name) > 0)
                    moved[target.name] = steady_seconds() - began;
            }
            return waiting.empty();
        },
        moved_within
    );
    std::vector<double> times;
    for (const auto& [name, time] : moved) times.push_back(time);
    std::sort(times.begin(), times.end());
    return times;
}

void switch_power(Bench& bench, const std::vector<std::string>& fqdns, const char* action) {
    for (const std::string& fqdn : fqdns) bench.cluster("server_power", Json::array({fqdn, action}));
}

void conclude(
    Outcome& outcome, Step& step, const std::vector<double>& times, std::size_t affected, std::size_t cut
) {
    if (!times.empty()) {
        outcome.figures["failover.p50"] = times[times.size() / 2] * 1000;
        outcome.figures["failover.max"] = times.back() * 1000;
    }
    step.details["targets"] = static_cast<double>(affected);
    step.details["moved"] = static_cast<double>(times.size());
    step.details["cut"] = static_cast<double>(cut);
    step.seconds = times.empty() ? 0 : times.back();
    step.passed = times.size() == affected;
    if (!step.passed) {
        step.reason =
            std::to_string(affected - times.size()) + " targets were not shown on a peer after 300 s";
        outcome.failed = true;
    }
    char line[240];
    std::snprintf(
        line, sizeof line,
        "Power cut to %zu of %lld servers: the manager showed %zu of %zu targets on a peer, half "
        "of them after %.1f s, the last after %.1f s.",
        cut, static_cast<long long>(step.servers), times.size(), affected,
        times.empty() ? 0 : times[times.size() / 2], step.seconds
    );
    outcome.verdict = line;
}

}  // namespace

void run_failover_storm(Bench& bench, Outcome& outcome) {
    const RoutineOptions& options = bench.options();
    Step step;
    step.servers = std::max((options.servers + 3) / 4 * 4, 4);
    bench.monitor().set_phase("setup");
    make_filesystem(bench, static_cast<int>(step.servers), true, step);
    bench.pause(options.warm_up);
    bench.monitor().begin_measurement();
    const auto before = targets(bench);
    const auto names = names_of_hosts(bench);
    const int cut = options.cut == 0 ? std::max<int>(static_cast<int>(step.servers) / 4, 1) : options.cut;
    const auto victims = choose_victims(before, static_cast<std::size_t>(cut));
    if (victims.empty()) throw StepFailed("no server runs a target that has a peer");
    std::vector<std::string> fqdns;
    for (const std::string& uri : victims) fqdns.push_back(names.at(uri));
    bench.say("cutting the power of " + std::to_string(fqdns.size()) + " servers");
    bench.monitor().set_phase("power cut");
    bench.monitor().mark();
    switch_power(bench, fqdns, "off");
    std::size_t affected = 0;
    const auto times = watch_moves(bench, before, victims, affected);
    step.p50_ms = bench.monitor().marked().p50_ms, step.p99_ms = bench.monitor().marked().p99_ms;
    conclude(outcome, step, times, affected, fqdns.size());
    bench.monitor().set_phase("power back");
    switch_power(bench, fqdns, "on");
    bench.pause(options.warm_up);
    outcome.stop_reason = "done";
    outcome.steps.push_back(std::move(step));
}

}  // namespace csim
