#include "benchmark/run.hpp"

#include "benchmark/bench_report.hpp"
#include "benchmark/repeated_runs.hpp"
#include "benchmark/report/report.hpp"
#include "benchmark/report/teller.hpp"
#include "core/utc.hpp"
#include "sim/budget.hpp"
#include "sim/progress.hpp"

#include <iostream>

namespace csim {
namespace {

template <class T>
T or_usage(Result<T> parsed) {
    if (!parsed) throw Fatal(parsed.error().detail, 2);
    return std::move(*parsed);
}

std::vector<Threshold> parse_all(const std::vector<std::string>& texts) {
    std::vector<Threshold> made;
    for (const std::string& text : texts) made.push_back(or_usage(parse_threshold(text)));
    return made;
}

std::unique_ptr<ClusterPort> make_cluster(const RunOptions& options, const ManagerUrl& manager) {
    if (!options.remote_simulator) return embedded_cluster(manager, options.seed);
    return remote_cluster(or_usage(parse_manager_url(*options.remote_simulator)), options.control_token);
}

MonitorOptions monitor_options(const Routine& routine, const RunOptions& options, const ManagerUrl& manager) {
    MonitorOptions made;
    made.manager = manager;
    made.probes_per_second = routine.probes ? options.probe_rate : 0;
    made.probe_timeout = options.probe_timeout;
    made.request_timeout = options.request_timeout;
    made.manager_pid = options.manager_pid;
    made.own.send_lateness_ms = std::chrono::duration<double, std::milli>(options.lateness_limit).count();
    made.own.simulator_lag_ms = std::chrono::duration<double, std::milli>(options.lag_limit).count();
    return made;
}

class Run {
  public:
    Run(const Routine& routine, const RunOptions& options)
        : routine_(routine),
          options_(options),
          thresholds_(parse_all(options.thresholds)),
          manager_(or_usage(parse_manager_url(options.url))),
          cluster_(make_cluster(options, manager_)),
          monitor_(monitor_options(routine, options, manager_), *cluster_),
          teller_(
              std::cerr, stderr_is_terminal(), std::string(routine.name),
              [this] { return monitor_.last_interval(); }
          ),
          bench_(monitor_, *cluster_, interrupt_, options.routine, [this](const std::string& line) {
              say(line);
          }) {}

    int go();

  private:
    void say(const std::string& line) { teller_.say(utc_text(wall_now()) + " " + line); }
    void log_in();
    void require_plugin();
    void measure();
    void stopped(const StopRun& stop);
    std::string clean_up();
    void fill_record();
    void doubt_verdict();
    int status(const Judgement& judgement) const;

    const Routine& routine_;
    const RunOptions& options_;
    std::vector<Threshold> thresholds_;
    ManagerUrl manager_;
    Interrupt interrupt_;
    std::unique_ptr<ClusterPort> cluster_;
    Monitor monitor_;
    Teller teller_;
    Bench bench_;
    RunRecord record_;
    bool interrupted_ = false;
};

void Run::log_in() {
    const auto done =
        monitor_.login(options_.username, options_.password, [this] { return interrupt_.requested(); });
    if (done) return;
    if (interrupt_.requested()) throw StopRun(StopRun::Why::interrupted, "interrupted");
    const std::string advice = done.error().code == Errc::unreachable
                                   ? "; is a manager running there? Give its address with --url"
                                   : "";
    throw Fatal("cannot use the manager at " + manager_.text() + ": " + done.error().detail + advice);
}

void Run::require_plugin() {
    std::string why;
    try {
        const Json classes = bench_.get("api/storage_resource_class/?plugin_name=simulator_controller");
        if (!classes.value("objects", Json::array()).empty()) return;
    } catch (const StepFailed& failed) {
        throw Fatal("cannot use the manager at " + manager_.text() + ": " + failed.what());
    }
    throw Fatal("simulator_controller plugin not enabled on manager at " + manager_.text());
}

void Run::stopped(const StopRun& stop) {
    record_.outcome.stop_reason = stop.what();
    const bool exhausted = stop.why == StopRun::Why::exhausted;
    if (exhausted) record_.outcome.failed = true;
    if (!exhausted) record_.outcome.partial = true;
    if (record_.outcome.verdict.empty())
        record_.outcome.verdict = std::string("Stopped early: ") + stop.what() + ".";
}

void Run::measure() {
    try {
        if (routine_.probes) {
            say("Resetting");
            bench_.reset();
            monitor_.start_probes();
        }
        say("Starting " + std::string(routine_.name) + ": " + std::string(routine_.description));
        routine_.run(bench_, record_.outcome);
    } catch (const StopRun& stop) {
        stopped(stop);
    } catch (const StepFailed& failed) {
        record_.outcome.failed = record_.outcome.broken = record_.outcome.partial = true;
        record_.outcome.stop_reason = failed.what();
        if (record_.outcome.verdict.empty())
            record_.outcome.verdict = std::string("It failed: ") + failed.what() + ".";
        bench_.manager_answers();  // one more look, so that the report knows a process that has ended
    }
}

std::string Run::clean_up() {
    if (!routine_.probes) return "done";
    say("Cleaning up");
    bench_.begin_cleaning(options_.cleanup_limit);
    if (!bench_.manager_answers()) return "the manager does not answer";
    try {
        bench_.reset();
        return "done";
    } catch (const std::exception& failed) {
        return failed.what();
    }
}

void Run::fill_record() {
    record_.routine = routine_.name;
    record_.outcome.partial = record_.outcome.partial || record_.outcome.broken;
    record_.seconds = bench_.seconds();
    record_.manager_url = manager_.text();
    record_.manager_pid = monitor_.manager_known() ? monitor_.manager_pid() : -1;
    record_.seed = options_.seed;
    record_.parameters = options_.parameters;
    record_.machine = machine_text();
    record_.own_cpu_seconds = cpu_seconds();
    if (!routine_.probes) return;
    record_.intervals = monitor_.intervals();
    record_.paths = monitor_.paths();
    doubt_verdict();
    record_.probes_sent = monitor_.probes_sent();
}

void Run::doubt_verdict() {
    std::size_t invalid = 0;
    for (const Interval& each : record_.intervals) invalid += each.valid ? 0 : 1;
    if (invalid * 2 <= record_.intervals.size()) return;
    record_.outcome.verdict = "No verdict: this program was the bottleneck in " + std::to_string(invalid) +
                              " of " + std::to_string(record_.intervals.size()) +
                              " intervals. What it saw: " + record_.outcome.verdict;
}

int Run::status(const Judgement& judgement) const {
    if (interrupted_) return status_interrupted;
    if (record_.outcome.broken || record_.outcome.partial) return 1;
    if (record_.cleanup != "done") return 1;
    return judgement.all_passed() ? 0 : status_threshold_failed;
}

int Run::go() {
    record_.started = utc_text(wall_now());
    if (options_.debug && monitor_.manager_known())
        say("the manager is process " + std::to_string(monitor_.manager_pid()));
    try {
        log_in();
        if (routine_.probes) require_plugin();
        measure();
    } catch (const StopRun& stop) {
        stopped(stop);
    }
    interrupted_ = interrupt_.requested();
    monitor_.stop_probes();
    fill_record();
    record_.cleanup = clean_up();
    const Judgement judgement = judge(record_, thresholds_);
    std::cout << summary_text(record_, judgement) << std::flush;
    write_outputs(options_.outputs, report_json(record_, judgement), teller_.lines());
    return status(judgement);
}

}  // namespace

int run_benchmark(const Routine& routine, const RunOptions& options) {
    parse_all(options.thresholds);
    check_outputs(options.outputs);
    raise_descriptor_limit();
    return Run(routine, options).go();
}

}  // namespace csim
