// `cluster-sim ve monitor`: what environments become, as they become it. Looks only; whoever works on them at
// the same time is not disturbed.
#include "apps/cluster_sim/ve_options.hpp"
#include "apps/shell/stop_signals.hpp"
#include "core/duration_text.hpp"
#include "core/event_loop.hpp"
#include "runtime/namespaces/process.hpp"
#include "runtime/namespaces/stage.hpp"
#include "runtime/ve/experiment.hpp"

#include <filesystem>
#include <fnmatch.h>
#include <iostream>

namespace csim {
namespace {

/// By number, as names of environments are.
struct ByNumber {
    bool operator()(const std::string& a, const std::string& b) const {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    }
};
using States = std::map<std::string, std::string_view, ByNumber>;

bool is_asked_for(const std::string& name, const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

States real_states(const std::string& folder, const std::string& run, const std::string& pattern) {
    States states;
    std::error_code error;
    for (std::filesystem::directory_iterator each(folder, error), end; !error && each != end;
         each.increment(error))
        if (const std::string name = each->path().filename();
            is_asked_for(name, pattern) && std::filesystem::is_directory(each->path() / "delta0", error))
            states[name] = "STOPPED";
    for (const MarkedProcess& each : marked_processes(run))
        if (const auto known = states.find(each.name); known != states.end()) known->second = "RUNNING";
    return states;
}

States simulated_states(const std::string& folder, const std::string& pattern) {
    States states;
    const auto experiment = find_simulated_experiment(folder);
    for (const SeenEnvironment& each : experiment->look(1, experiment->present().count)) {
        const std::string name = "ve" + std::to_string(each.number);
        if (is_asked_for(name, pattern)) states[name] = each.pid != 0 ? "RUNNING" : "STOPPED";
    }
    return states;
}

int show_once(const States& states) {
    for (const auto& [name, state] : states) std::cout << name << " " << state << "\n";
    return 0;
}

/// One line for each difference; environments that went are told, too.
void tell_changes(const States& before, const States& after) {
    for (const auto& [name, state] : after) {
        const auto was = before.find(name);
        if (was == before.end() || was->second != state)
            std::cout << "'" << name << "' changed state to [" << state << "]\n";
    }
    for (const auto& [name, state] : before)
        if (!after.contains(name)) std::cout << "'" << name << "' changed state to [GONE]\n";
    std::cout << std::flush;
}

}  // namespace

int ve_monitor(const VeOptions& o) {
    const std::string folder = ve_folder(o);
    if (o.backend == "simulated") {
        if (!o.once) throw Fatal("simulated environments change within commands only; say --once", 2);
        return show_once(simulated_states(folder, o.pattern));
    }
    const auto stage = find_stage(folder, LedgerFolder());
    if (!stage) throw Fatal(stage.error().detail + "; 'cluster-sim ve setup N' makes an experiment");
    const auto look = [&] { return real_states(folder, stage->run, o.pattern); };
    if (o.once) return show_once(look());
    Timeline timeline(wall_now());
    EventLoop loop(timeline, Pace::realtime());
    const shell::StopSignals signals(loop.io(), [&loop] { loop.stop(); });
    if (!o.span.empty()) {
        const auto span = parse_duration(o.span);
        if (!span || *span <= Duration::zero())
            throw Fatal("--for is a span of time such as 10s, not '" + o.span + "'", 2);
        timeline.after(*span, [&loop] { loop.stop(); });
    }
    States known = look();
    std::cout << "watching " << known.size() << " environments\n" << std::flush;
    std::function<void()> again = [&] {
        States now = look();
        tell_changes(known, now);
        known = std::move(now);
        timeline.after(200ms, [&again] { again(); });
    };
    timeline.after(200ms, [&again] { again(); });
    loop.run();
    return 0;
}

}  // namespace csim
