#include "apps/cluster_sim/virtual_run.hpp"

#include "core/duration_text.hpp"
#include "core/event_loop.hpp"
#include "core/utc.hpp"
#include "sim/progress.hpp"

#include <nlohmann/json.hpp>

#include <iomanip>
#include <iostream>
#include <sstream>

namespace csim {
namespace {

double seconds(Duration span) {
    return std::chrono::duration<double>(span).count();
}

std::string rounded(double value, int digits) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(digits) << value;
    return text.str();
}

Json result_json(
    const SimulationResult& result, std::uint64_t seed, Duration wall, const std::string& reproduce
) {
    Json violations = Json::array();
    for (const FoundViolation& each : result.violations) {
        violations.push_back(
            {{"at", utc_text(each.at)},
             {"invariant", each.violation.invariant},
             {"sentence", each.violation.sentence}}
        );
    }
    Json json{
        {"seed", seed},
        {"digest", digest_text(result.digest)},
        {"events", result.events},
        {"simulated_seconds", seconds(result.simulated)},
        {"wall_seconds", seconds(wall)},
        {"faults", result.faults},
        {"violations", violations},
        {"reproduce", reproduce}};
    json["settled_seconds"] = result.settled_after ? Json(seconds(*result.settled_after)) : Json(nullptr);
    return json;
}

void tell_counts(Simulation& simulation, std::ostream& out) {
    const Trace& trace = simulation.cluster().trace();
    const FleetStats fleet = simulation.cluster().simulator().fleet().stats();
    out << "  " << fleet.agents << " agents with " << fleet.sessions_open << " sessions; "
        << fleet.counters.posts << " posts with " << fleet.counters.messages_sent << " messages, "
        << fleet.counters.gets << " long polls, "
        << fleet.counters.get_failures + fleet.counters.post_failures << " failures\n";
    out << "  " << trace.count("node_registered") << " registrations, " << trace.count("server_booted")
        << " boots, " << trace.count("server_down") << " departures, " << trace.count("resource_moved")
        << " moves of resources, " << trace.count("command_completed") << " commands, "
        << trace.count("fault_began") << " workloads of the scenario\n";
}

void tell_violations(const SimulationResult& result, std::ostream& out) {
    if (result.violations.empty()) return;
    out << "the trace before it:\n";
    for (const std::string& line : result.around) out << "  " << line << "\n";
    out << "broken at " << utc_text(result.violations.front().at) << ":\n";
    for (const FoundViolation& each : result.violations)
        out << "  " << each.violation.invariant << ": " << each.violation.sentence << "\n";
}

}  // namespace

Duration parsed_span(const std::string& text, const char* option) {
    const auto span = parse_duration(text);
    if (!span) throw Fatal(std::string(option) + " " + text + ": " + span.error().detail, 2);
    if (*span <= Duration(0)) throw Fatal(std::string(option) + " must be longer than nothing", 2);
    return *span;
}

/// Nobody shows every volume to hundreds of servers: beyond a few, those of a scalable unit share theirs.
int usual_unit(const Setup& setup) {
    constexpr int servers_of_one_unit = 64;
    constexpr int largest = 8;
    if (setup.server_count <= servers_of_one_unit) return 0;
    for (const int aligned : {setup.cluster_size, 1}) {
        for (int unit = largest; unit > 0; --unit) {
            if (setup.server_count % unit == 0 && unit % aligned == 0) return unit;
        }
    }
    return 1;
}

Scenario wanted_scenario(const SimulateOptions& options) {
    Scenario scenario;
    if (!options.scenario.empty()) {
        scenario = load_scenario(options.scenario);
    } else {
        scenario.name = "calm";
        scenario.setup.cluster_size = 2;
        scenario.setup.nid_count = 2;
    }
    if (options.scenario.empty() || options.servers_given) scenario.setup.server_count = options.servers;
    if (options.scenario.empty() || options.span_given)
        scenario.duration = parsed_span(options.span, "--for");
    if (options.servers_given) scenario.setup.volume_count.reset();
    if (options.scenario.empty()) scenario.setup.su_size = usual_unit(scenario.setup);
    if (options.su_size_given) scenario.setup.su_size = options.su_size;
    if (const auto possible = check(scenario.setup); !possible) throw Fatal(possible.error().detail, 2);
    return scenario;
}

VirtualRun::VirtualRun(const SimulateOptions& options, std::uint64_t seed, std::string line)
    : options_(options), seed_(seed), line_(std::move(line)), begun_(wall_now()) {}

void VirtualRun::use(std::unique_ptr<Simulation> simulation) {
    time_line_.reset();
    simulation_ = std::move(simulation);
    if (options_.report.empty()) return;
    time_line_ = std::make_unique<TimeLine>(simulation_->cluster());
    simulation_->on_event([this] { time_line_->look(); });
}

Simulation::Progress VirtualRun::quiet() const {
    return [](SimTime, std::uint64_t) { return true; };
}

void VirtualRun::go(std::optional<SimTime> until) {
    const SimTime first = simulation_->cluster().timeline().now();
    const SimTime last = until.value_or(simulation_->end());
    const Duration whole = last - first;
    Progress progress(
        std::cerr, stderr_is_terminal(), "simulating seconds", static_cast<std::uint64_t>(seconds(whole))
    );
    const std::uint64_t before = simulation_->cluster().timeline().events_run();
    const SimTime begun = wall_now();
    const auto show = [&](SimTime now, std::uint64_t) {
        progress.show(static_cast<std::uint64_t>(seconds(std::min(now - first, whole))), wall_now() - begun);
        return true;
    };
    if (until) {
        (void)simulation_->advance(last, show);
        result_ = simulation_->result();
    } else {
        result_ = simulation_->run(show);
    }
    const double wall = std::max(seconds(wall_now() - begun), 1e-9);
    const double simulated = seconds(simulation_->cluster().timeline().now() - first);
    const auto events = static_cast<double>(result_.events - before);
    progress.finish(
        "simulated " + rounded(simulated / 3600, 2) + " hours of " +
        std::to_string(simulation_->cluster().simulator().world().node_count()) + " nodes: " +
        rounded(events, 0) + " events in " + rounded(wall, 1) + " s, " + rounded(events / wall / 1e6, 2) +
        " M events/s, " + rounded(simulated / wall, 0) + " times as fast as real time"
    );
}

int VirtualRun::conclude() {
    if (time_line_ != nullptr) {
        const std::vector<std::string> notes{
            "seed " + std::to_string(seed_), "digest " + digest_text(result_.digest),
            std::to_string(result_.violations.size()) + " broken promises", line_};
        write_page(options_.report, time_line_->page(simulation_->scenario().scenario().name, notes));
        std::cerr << "cluster-sim: the time line is in " << options_.report << "\n";
    }
    if (options_.json) {
        std::cout << result_json(result_, seed_, wall_now() - begun_, line_).dump(2) << "\n";
    } else {
        tell_violations(result_, std::cout);
        tell_counts(*simulation_, std::cout);
        if (result_.settled_after)
            std::cout << "  everything was well " << duration_text(*result_.settled_after)
                      << " after the end\n";
        std::cout << "digest " << digest_text(result_.digest) << "\nreproduce: " << line_ << "\n";
    }
    return result_.violations.empty() ? 0 : 1;
}

}  // namespace csim
