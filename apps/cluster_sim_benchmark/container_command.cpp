// `cluster-sim-benchmark container_lifecycle`: the run and its exit status.
#include "apps/cluster_sim_benchmark/container_report.hpp"
#include "apps/shell/stop_signals.hpp"
#include "runtime/lifecycle/evidence.hpp"
#include "runtime/lifecycle/lifecycle_tables.hpp"

#include <fstream>
#include <iostream>

namespace csim {
namespace {

LifecycleOptions lifecycle_options(const ContainerOptions& o, HostModel& model) {
    LifecycleOptions made;
    if (!o.scenario.empty()) {
        const auto scenario = lifecycle_scenario(o.scenario);
        if (!scenario) throw Fatal(scenario.error().detail, 2);
        model = scenario->model;
        made = scenario->options;
    } else {
        const auto chosen = host_model(o.model);
        if (!chosen) throw Fatal(chosen.error().detail, 2);
        model = *chosen;
        made.client = model.client;
        made.count = o.count;
        made.jobs = o.jobs;
    }
    if (made.jobs > 255 && !o.allow_large_window)
        throw Fatal("at most 255 at once, or --allow_large_window", 2);
    made.overlay = o.variant == "overlay";
    made.batch = o.window == "batch";
    made.prefix = o.prefix;
    made.width = o.width;
    made.stop_on_wedge = o.stop_on_wedge || o.on_wedge == "stop";
    for (const std::string& each : o.commands) {
        if (&each == &o.commands.front()) made.commands.clear();
        if (!each.empty()) made.commands.push_back({"sh", "-c", each});
    }
    if (const auto good = check_node_name(made.prefix + "1", model.legacy_names); !good)
        throw Fatal(good.error().detail, 2);
    return made;
}

/// `PHASE=SECONDS` of --timeout.
void set_limit(LifecycleOptions& options, const std::string& text) {
    const auto equals = text.find('=');
    const double seconds = equals == std::string::npos ? 0 : std::strtod(text.c_str() + equals + 1, nullptr);
    for (auto& [phase, limit] : options.limits) {
        if (text.substr(0, equals) != text_of(phase) || !(seconds > 0 && seconds < 1e6)) continue;
        limit = Duration(static_cast<std::int64_t>(seconds * 1e9));
        return;
    }
    throw Fatal(
        "--timeout: '" + text +
            "' is not PHASE=SECONDS; phases are create, start, exec, stop, destroy and list",
        2
    );
}

/// Where --trace goes: a file when it is none of the words.
class TraceOut {
  public:
    explicit TraceOut(const std::string& how) : how_(how) {
        if (how == "grouped" || how == "live" || how == "none") return;
        if (how.find_first_of("/.") == std::string::npos)
            throw Fatal(
                "--trace is grouped, live, none or a file with / or . in its name, not '" + how + "'", 2
            );
        file_.open(how);
        if (!file_) throw Fatal("cannot write " + how);
    }
    bool live() const { return how_ == "live"; }
    void ended(const InstanceRecord& each) {
        if (how_ == "grouped") std::cout << each.trace << std::flush;
        if (file_.is_open()) file_ << each.trace << std::flush;
    }
    void close() {
        if (!file_.is_open()) return;
        file_.close();
        if (!file_) throw Fatal("cannot write " + how_);
    }

  private:
    std::string how_;
    std::ofstream file_;
};

void tell(const std::string& what, const WatchSample& sample) {
    std::cerr << "watch: ";
    if (!sample.answered) {
        std::cerr << "no answer in " << static_cast<double>(sample.list.count()) / 1e6 << " ms\n";
        return;
    }
    if (what == "api")
        std::cerr << static_cast<double>(sample.list.count()) / 1e6 << " ms, " << sample.known << " known\n";
    if (what == "list") {
        for (const auto& [state, count] : sample.states) std::cerr << text_of(state) << " " << count << "  ";
        std::cerr << "\n";
    }
    if (what == "overlay") {
        const bool leak = sample.overlays > sample.known;
        std::cerr << sample.overlays << " overlays, " << sample.known << " known" << (leak ? "  LEAK" : "")
                  << "\n";
    }
}

int status_of(const LifecycleReport& report, bool daemon_wedged) {
    if (report.count(InstanceEnd::wedged) > 0 || daemon_wedged) return 5;
    const std::uint64_t failed = report.count(InstanceEnd::failed);
    if (failed > 0) return failed > 100 ? 101 : static_cast<int>(failed);
    return report.leftovers > 0 ? 6 : 0;
}

/// At the first wedge, of an instance or of the host.
void write_dump(
    const ContainerOptions& o, const ContainerBackend& backend, const Lifecycle& run, const HostWatch& watch
) {
    const WatchSample* last = watch.samples().empty() ? nullptr : &watch.samples().back();
    std::ofstream out(o.dump);
    out << wedge_dump(run.going(), backend.timeline->now(), last, backend.real);
    if (!out.flush())
        std::cerr << "cluster-sim-benchmark: cannot write " << o.dump << "\n";
    else
        std::cerr << "cluster-sim-benchmark: what hangs is written to " << o.dump << "\n";
}

}  // namespace

int container_lifecycle(const ContainerOptions& o) {
    HostModel model;
    LifecycleOptions options = lifecycle_options(o, model);
    for (const std::string& each : o.timeouts) set_limit(options, each);
    TraceOut trace(o.trace);
    // Better now than after an hour.
    if (!o.json.empty() && !std::ofstream(o.json, std::ios::app)) throw Fatal("cannot write " + o.json);
    if (trace.live()) options.on_lines = [](const std::string& lines) { std::cout << lines << std::flush; };
    ContainerBackend backend(o, model);
    if (o.backend.empty())
        std::cerr << "cluster-sim-benchmark: on the backend " << backend.name
                  << "; --backend chooses another\n";
    if (backend.real) options.client = {};
    LifecycleOutcome outcome;
    outcome.backend = backend.name;
    outcome.real = backend.real;
    Lifecycle lifecycle(*backend.loop, *backend.timeline, *backend.runtime, options);
    HostWatchOptions watching;
    watching.prefix = options.prefix;
    watching.mounts = backend.real;
    HostWatch watch(*backend.timeline, *backend.runtime, watching, [&] {
        return HostWatch::Progress{lifecycle.phases_ended(), lifecycle.in_flight()};
    });
    bool dumped = false;
    const auto wedged = [&] {
        if (o.on_wedge == "dump" && !std::exchange(dumped, true)) write_dump(o, backend, lifecycle, watch);
        if (options.stop_on_wedge) lifecycle.stop();
    };
    watch.on_wedge = [&](const std::string& why) {
        std::cerr << "cluster-sim-benchmark: the host is wedged: " << why << "\n";
        wedged();
    };
    // What is in flight ends in order and nothing new begins; then everything goes that is still there.
    const shell::StopSignals signals(backend.loop->io(), [&] {
        outcome.interrupted = true;
        lifecycle.stop();
    });
    // A list of a million simulated instances, asked for every half second, would be all that happens.
    constexpr std::uint64_t watched_max = 10'000;
    if (backend.real || options.count <= watched_max)
        watch.begin([&](const WatchSample& sample) {
            if (o.watch != "none") tell(o.watch, sample);
        });
    outcome.report = lifecycle.run([&](const InstanceRecord& each) {
        trace.ended(each);
        if (!each.error) return;
        outcome.kernel.failed();
        std::cerr << "cluster-sim-benchmark: " << each.name << ": " << sentence(*each.error) << "\n";
        if (each.end == InstanceEnd::wedged) wedged();
    });
    watch.end();
    trace.close();
    outcome.slow = mark_slow(outcome.report);
    outcome.samples = watch.samples();
    outcome.daemon_wedged = watch.wedged();
    outcome.evidence = wedge_evidence(*backend.loop, *backend.runtime, outcome.report);
    if (backend.real && !o.keep &&
        (outcome.interrupted || (!options.overlay && outcome.report.leftovers > 0))) {
        remove_instances(*backend.loop, *backend.runtime, options.prefix);
        outcome.report.leftovers = count_instances(*backend.loop, *backend.runtime, options.prefix);
    }
    outcome.kernel.after = read_kernel_limits();
    print(outcome);
    if (!o.json.empty()) write_report(outcome, o.json, o.report_format);
    return shell::StopSignals::exit_status(status_of(outcome.report, !outcome.daemon_wedged.empty()));
}

}  // namespace csim
