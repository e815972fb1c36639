// `cluster-sim-benchmark`: the option table and the way to each routine.
#include "apps/cluster_sim_benchmark/container_options.hpp"
#include "apps/cluster_sim_benchmark/mass_options.hpp"
#include "apps/cluster_sim_benchmark/options.hpp"
#include "apps/shell/command_line.hpp"
#include "benchmark/report/queue_lines.hpp"
#include "core/result.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <functional>

namespace csim {
namespace {

/// Everything the command line can say, and what to do about it.
struct Program {
    CLI::App app{
        "Finds out how much a cluster manager carries, and what runs out first.\n"
        "Drives the manager's REST API while a simulated cluster lives under it. Every routine begins and "
        "ends\n"
        "by removing ALL hosts and controllers from the manager.\n"
        "Exit status: 0 the run came to its end, 1 it did not, 2 wrong command line, 3 a threshold failed, "
        "130\n"
        "interrupted.",
        "cluster-sim-benchmark"};
    BenchmarkOptions options;
    CompareOptions comparing;
    ContainerOptions containers;
    MassOptions mass;
    SinkCommandOptions sink;
    QueuesOptions queues{.queues = usual_queues};
    std::function<int()> body;
};

void add_manager(Program& p) {
    CLI::App& app = p.app;
    RunOptions& run = p.options.run;
    app.add_option("--url", run.url, "Manager to measure")->type_name("URL")->capture_default_str();
    app.add_option("--username", run.username, "Manager's user")->type_name("NAME")->capture_default_str();
    app.add_option("--password", run.password, "That user's password")
        ->type_name("WORD")
        ->capture_default_str();
    app.add_option(
           "--servers", run.routine.servers,
           "How many servers to begin with; with --linear also how many more each time"
    )
        ->check(CLI::Range(1, 60000))
        ->type_name("N")
        ->capture_default_str();
    app.add_option(
           "--remote_simulator", p.options.remote_simulator,
           "Drive a running cluster-sim through its control port: a URL, or any other word for "
           "http://localhost:8743. Its servers are removed"
    )
        ->type_name("URL|yes");
    app.add_option("--control_token", run.control_token, "What that control port wants to see")
        ->type_name("WORD");
    app.add_option("--debug", p.options.debug, "Any word: tell more")->type_name("yes");
    app.add_option(
           "--manager_pid", p.options.manager_pid,
           "The manager's process, to watch its CPU, memory and descriptors (default: found by its port)"
    )
        ->check(CLI::PositiveNumber)
        ->type_name("PID");
    app.add_option("--seed", run.seed, "Seed of everything in the cluster that is left to chance")
        ->type_name("N")
        ->capture_default_str();
}

void add_measuring(Program& p) {
    CLI::App& app = p.app;
    RunOptions& run = p.options.run;
    app.add_option("--probe_rate", run.probe_rate, "Probes a second on each of seven paths of the API")
        ->check(CLI::Range(0.1, 2000.0))
        ->type_name("N")
        ->capture_default_str();
    add_duration(
        app, "--probe_timeout", run.probe_timeout, "A probe that is not answered by then counts as timed out"
    );
    add_duration(app, "--request_timeout", run.request_timeout, "How long any other request may take");
    add_duration(
        app, "--time_limit", run.routine.time_limit, "End by then, with what is known, and clean up"
    );
    add_duration(
        app, "--cleanup_limit", run.cleanup_limit,
        "How long cleaning up at the end may take; a manager that broke may never come to it"
    );
    app.add_flag(
        "--stop_at_limit", run.routine.stop_at_limit,
        "End as soon as a resource has certainly run out, however long the routine would go on"
    );
    add_duration(app, "--warm_up", run.routine.warm_up, "What is seen in this time at first does not count");
    add_duration(
        app, "--lateness_limit", run.lateness_limit, "Intervals do not count when probes were sent later"
    );
    add_duration(app, "--lag_limit", run.lag_limit, "Nor do they when the simulator lagged more");
    app.add_option(
           "--threshold", run.thresholds,
           "A demand such as 'api./api/host/.p99<200ms' or 'limit.value>=64'; may be given again. Exit "
           "status 3 "
           "when one fails"
    )
        ->type_name("FIGURE<BOUND");
    app.add_option("--json", run.outputs.json, "Write the report for programs here")->type_name("FILE");
    app.add_option("--html", run.outputs.html, "Write the report for people here: one page with charts")
        ->type_name("FILE");
    app.add_option(
           "--out", run.outputs.folder, "Write all evidence here: reports, configuration, samples, log"
    )
        ->type_name("DIR");
    app.fallthrough();
}

/// The option that belongs to routines with this bit.
void add_own_options(CLI::App& command, const Routine& routine, RoutineOptions& options) {
    if (routine.takes & takes_search) add_search_options(command, options);
    if (routine.takes & takes_hold)
        add_duration(command, "--hold", options.hold, "How long to hold what is measured");
    if (routine.takes & takes_log_rate) add_log_options(command, options);
    if (routine.takes & takes_outage) {
        add_duration(command, "--outage", options.outage, "How long the network is cut");
        add_duration(
            command, "--spread", options.spread, "The second time, mend it server by server over this"
        );
        command
            .add_option(
                "--restart", options.restart,
                "A shell command that restarts the manager and ends: measure that instead of a cut"
            )
            ->type_name("COMMAND");
    }
    if (routine.takes & takes_cut) {
        command
            .add_option(
                "--cut", options.cut,
                "How many servers are hit; 0: all of a network, a quarter of a power cut"
            )
            ->check(CLI::NonNegativeNumber)
            ->type_name("K")
            ->capture_default_str();
    }
}

void add_routines(Program& p) {
    std::string footer = "Options of routines:\n";
    for (const Routine& routine : routines()) {
        CLI::App* command = p.app.add_subcommand(std::string(routine.name), std::string(routine.help));
        add_own_options(*command, routine, p.options.run.routine);
        std::string own;
        for (const CLI::Option* each : command->get_options())
            if (each->get_lnames().front() != "help") own += " --" + each->get_lnames().front();
        if (!own.empty()) footer += "  " + std::string(routine.name) + ":" + own + "\n";
        command->callback([&p, &routine] {
            p.body = [&p, &routine] { return run_routine(routine, p.options); };
        });
    }
    p.app.footer(footer);
    p.app.require_subcommand(0, 1);
    p.app.allow_extras();  // refuse_leftovers() says more about them
}

/// What to choose from, for people who did not or who mistyped it.
std::string known_routines() {
    std::string names;
    for (const Routine& routine : routines()) names += std::string(routine.name) + ", ";
    return "routines are " + names +
           "container_lifecycle, container_density and connections, and there are sink, compare and queues";
}

void refuse_leftovers(const Program& p) {
    for (const std::string& word : p.app.remaining(true)) {
        if (p.body || word.starts_with("-"))
            throw Fatal("'" + word + "' is not expected here; see --help", 2);
        throw Fatal("there is no routine '" + word + "': " + known_routines(), 2);
    }
    if (!p.body) throw Fatal("name a routine: " + known_routines(), 2);
}

void add_compare(Program& p) {
    CLI::App* command =
        p.app.add_subcommand("compare", "Two reports (--json) side by side, with a verdict for each figure");
    command->add_option("A", p.comparing.a, "The report to compare with")->required()->type_name("FILE");
    command->add_option("B", p.comparing.b, "The report that is judged")->required()->type_name("FILE");
    command->add_flag("--as_json", p.comparing.json, "For programs");
    command->add_flag(
        "--fail_when_worse", p.comparing.fail_when_worse, "Exit status 3 when a figure is worse"
    );
    command->callback([&p] { p.body = [&p] { return compare_command(p.comparing); }; });
}

void add_queues(Program& p) {
    CLI::App* command = p.app.add_subcommand(
        "queues", "How deep the manager's queues are, a line each time, until Ctrl-C; changes nothing"
    );
    command->add_option("--queue", p.queues.queues, "A queue to show; may be given again")
        ->type_name("NAME")
        ->capture_default_str();
    command->add_option("--colwidth", p.queues.column_width, "How wide a column is")
        ->check(CLI::Range(1, 1000))
        ->type_name("N")
        ->capture_default_str();
    add_duration(*command, "--interval", p.queues.interval, "From one line to the next");
    command->add_option("--count", p.queues.count, "End after so many lines; 0: never")
        ->check(CLI::NonNegativeNumber)
        ->type_name("N")
        ->capture_default_str();
    command->callback([&p] { p.body = [&p] { return queues_command(p.queues, p.options.run); }; });
}

}  // namespace
}  // namespace csim

int main(int argc, char** argv) {
    csim::Program program;
    csim::add_manager(program);
    csim::add_measuring(program);
    csim::add_routines(program);
    csim::add_compare(program);
    csim::add_containers(program.app, program.containers, program.body);
    csim::add_mass(program.app, program.mass, program.sink, program.options.run, program.body);
    csim::add_queues(program);
    return csim::shell::run(program.app, argc, argv, [&program] {
        csim::refuse_leftovers(program);
        return program.body();
    });
}
