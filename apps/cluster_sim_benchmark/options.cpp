#include "apps/cluster_sim_benchmark/options.hpp"

#include "core/duration_text.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

namespace csim {
namespace {

constexpr const char* default_control_url = "http://localhost:8743";

/// What was chosen, for the report; no password, no token.
Json parameters_of(const RunOptions& run) {
    const RoutineOptions& routine = run.routine;
    return {
        {"url", run.url},
        {"username", run.username},
        {"servers", routine.servers},
        {"max_servers", routine.max_servers},
        {"remote_simulator", run.remote_simulator ? Json(*run.remote_simulator) : Json()},
        {"probe_rate", run.probe_rate},
        {"probe_timeout", duration_text(run.probe_timeout)},
        {"request_timeout", duration_text(run.request_timeout)},
        {"lateness_limit", duration_text(run.lateness_limit)},
        {"lag_limit", duration_text(run.lag_limit)},
        {"time_limit", duration_text(routine.time_limit)},
        {"warm_up", duration_text(routine.warm_up)},
        {"hold", duration_text(routine.hold)},
        {"step_hold", duration_text(routine.step_hold)},
        {"settle", duration_text(routine.settle)},
        {"action_limit", duration_text(routine.action_limit)},
        {"latency_limit", duration_text(routine.latency_limit)},
        {"stop_at_limit", routine.stop_at_limit},
        {"linear", routine.linear},
        {"repeats", routine.repeats},
        {"log_rate", routine.log_rate},
        {"log_rate_max", routine.log_rate_max},
        {"cut", routine.cut},
        {"thresholds", run.thresholds},
    };
}

}  // namespace

void add_duration(CLI::App& app, const std::string& name, Duration& value, const std::string& help) {
    app.add_option_function<std::string>(
           name,
           [&value, name](const std::string& text) {
               const auto parsed = parse_duration(text);
               if (!parsed || *parsed < Duration(0))
                   throw CLI::ValidationError(
                       name + ": '" + text + "' is no span of time such as 250ms, 10s or 5m"
                   );
               value = *parsed;
           },
           help
    )
        ->type_name("TIME")
        ->default_str(duration_text(value));
}

void add_search_options(CLI::App& command, RoutineOptions& options) {
    command.add_option("--max_servers", options.max_servers, "No size above is tried")
        ->check(CLI::Range(1, 60000))
        ->type_name("N")
        ->capture_default_str();
    command.add_flag("--linear", options.linear, "Grow by --servers each time and stop at the first failure");
    command
        .add_option(
            "--repeats", options.repeats, "Trials of a size, decided by majority, once the limit is near"
        )
        ->check(CLI::Range(1, 99))
        ->type_name("N")
        ->capture_default_str();
    add_duration(command, "--step_hold", options.step_hold, "How long each size is held before it is judged");
    add_duration(command, "--settle", options.settle, "How long queues may take to drain after a step");
    add_duration(command, "--action_limit", options.action_limit, "A size fails when an action takes longer");
    add_duration(
        command, "--latency_limit", options.latency_limit, "A size fails when the API's p99 is longer"
    );
}

void add_log_options(CLI::App& command, RoutineOptions& options) {
    command.add_option("--log_rate", options.log_rate, "Log lines of each server in ten seconds")
        ->check(CLI::Range(0, 1000000))
        ->type_name("N")
        ->capture_default_str();
    if (command.get_name() != "log_ingest_rate") return;
    command.add_option("--log_rate_max", options.log_rate_max, "No rate above is tried")
        ->check(CLI::Range(1, 1000000))
        ->type_name("N")
        ->capture_default_str();
}

int run_routine(const Routine& routine, BenchmarkOptions& options) {
    RunOptions& run = options.run;
    if (!options.remote_simulator.empty())
        run.remote_simulator =
            options.remote_simulator.starts_with("http") ? options.remote_simulator : default_control_url;
    if (options.manager_pid > 0) run.manager_pid = options.manager_pid;
    run.debug = !options.debug.empty();
    if (routine.takes & takes_search)
        run.routine.max_servers = std::max(run.routine.max_servers, run.routine.servers);
    run.parameters = parameters_of(run);
    return run_benchmark(routine, run);
}

}  // namespace csim
