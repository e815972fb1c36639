#include "apps/cluster_sim_benchmark/container_options.hpp"

#include <CLI/Validators.hpp>

namespace csim {
namespace {

/// What both routines take.
void add_host(CLI::App* command, ContainerOptions& o) {
    command
        ->add_option(
            "--backend", o.backend,
            "simulated, namespaces or lxd (default: lxd where one answers, else simulated)"
        )
        ->check(CLI::IsMember({"simulated", "namespaces", "lxd"}))
        ->type_name("NAME");
    command
        ->add_option(
            "--socket", o.socket, "Lxd: the daemon's socket (default: LXD_SOCKET, or the usual places)"
        )
        ->type_name("PATH");
    command
        ->add_option(
            "--base", o.base,
            "Namespaces: a base made by 'cluster-sim ve createbase'; lxd: an image's alias (default: base)"
        )
        ->type_name("BASE");
    command->add_option("--name_prefix", o.prefix, "Of instances' names")
        ->type_name("TEXT")
        ->capture_default_str();
    command->add_option("--model", o.model, "Simulated: lxd-2015, lxd-5, namespaces, roomy or docker")
        ->type_name("NAME")
        ->capture_default_str();
    command->add_option("--chance", o.seed, "Simulated: seed of all that is left to chance")
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--report", o.json, "Write the report for programs here")->type_name("FILE");
}

void add_density(CLI::App& app, ContainerOptions& o, std::function<int()>& body) {
    CLI::App* command = app.add_subcommand(
        "container_density", "Leave more and more instances running until the host says no, and name what did"
    );
    add_host(command, o);
    command->add_option("--max", o.max, "Instances to stop at")
        ->check(CLI::Range(1, 1'000'000))
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--step", o.step, "Instances between checks")
        ->check(CLI::Range(1, 1'000'000))
        ->type_name("K")
        ->capture_default_str();
    command->add_option("--jobs", o.jobs, "How many begin at once")
        ->check(CLI::Range(1, 255))
        ->type_name("J")
        ->capture_default_str();
    command->add_option("--settle", o.settle, "Seconds to wait before the checks")
        ->check(CLI::Range(0.0, 3600.0))
        ->type_name("S")
        ->capture_default_str();
    command->add_option("--list_ms", o.list_ms, "A list that takes longer is a failed check")
        ->check(CLI::Range(1, 600'000))
        ->type_name("MS")
        ->capture_default_str();
    command->add_option("--limit", o.limits, "Simulated: so many running instances fit into a resource")
        ->type_name("RESOURCE=NODES");
    command->add_flag("--keep", o.keep, "Leave the instances running");
    command->callback([&o, &body] { body = [&o] { return container_density(o); }; });
}

void add_lifecycle_reports(CLI::App* command, ContainerOptions& o) {
    command
        ->add_option(
            "--report_format", o.report_format,
            "Of --report: json, csv (a row a phase), jmeter (rows are appended) or chrome (a timeline)"
        )
        ->check(CLI::IsMember({"json", "csv", "jmeter", "chrome"}))
        ->type_name("FORMAT");
    command
        ->add_option(
            "--trace", o.trace,
            "grouped by instance as each ends, live, none, or a file (with / or . in its name)"
        )
        ->type_name("HOW")
        ->capture_default_str();
    command
        ->add_option(
            "--watch", o.watch,
            "Tell each half second: api (is it responsive), list (states), overlay (mounts)"
        )
        ->check(CLI::IsMember({"none", "api", "list", "overlay"}))
        ->type_name("WHAT")
        ->capture_default_str();
}

void add_lifecycle_ends(CLI::App* command, ContainerOptions& o) {
    command
        ->add_option(
            "--timeout", o.timeouts, "A phase that takes longer is wedged: start=60; may be given again"
        )
        ->type_name("PHASE=S");
    command
        ->add_option(
            "--on_wedge", o.on_wedge, "continue, stop (begin nothing new), or dump to a file and continue"
        )
        ->check(CLI::IsMember({"continue", "stop", "dump"}))
        ->type_name("WHAT")
        ->capture_default_str();
    command->add_option("--dump", o.dump, "Where --on_wedge dump writes")
        ->type_name("FILE")
        ->capture_default_str();
    command->add_flag("--stop_on_wedge", o.stop_on_wedge, "The same as --on_wedge stop");
    command->add_flag("--keep", o.keep, "Leave behind what did not end well, to look at it");
    command->add_flag(
        "--stop_all", o.stop_all, "No run: stop, by force, all instances with our mark and this prefix"
    );
    command
        ->add_option(
            "--delete_leftovers", o.delete_leftovers,
            "No run: remove those numbered S to E, with digits of any width, or all"
        )
        ->type_name("all|S-E");
}

}  // namespace

void add_containers(CLI::App& app, ContainerOptions& o, std::function<int()>& body) {
    add_density(app, o, body);
    CLI::App* command = app.add_subcommand(
        "container_lifecycle",
        "Create, start, exec, stop and delete instances on a container host, many at a time"
    );
    add_host(command, o);
    command->add_option("--count", o.count, "Instances")
        ->check(CLI::Range(1, 1'000'000))
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--jobs", o.jobs, "How many at once, at most 255")
        ->check(CLI::Range(1, 100'000))
        ->type_name("J")
        ->capture_default_str();
    command->add_flag("--allow_large_window", o.allow_large_window, "More than 255 at once");
    command->add_option("--variant", o.variant, "cnd: stop and delete them; overlay: leave them running")
        ->check(CLI::IsMember({"cnd", "overlay"}))
        ->type_name("WHICH")
        ->capture_default_str();
    command->add_option("--window", o.window, "sliding, or batch with a barrier")
        ->check(CLI::IsMember({"sliding", "batch"}))
        ->type_name("HOW")
        ->capture_default_str();
    command
        ->add_option("--command", o.commands, "Run in each instance, by sh -c; again for more, '' for none")
        ->type_name("TEXT");
    command->add_option("--width", o.width, "Digits of their numbers (default: those of the largest)")
        ->check(CLI::Range(1, 12))
        ->type_name("N");
    command->add_option("--scenario", o.scenario, "Simulated: cnd-4x10 or cnd-25x50, as published")
        ->check(CLI::IsMember({"cnd-4x10", "cnd-25x50"}))
        ->type_name("NAME");
    add_lifecycle_reports(command, o);
    add_lifecycle_ends(command, o);
    command->callback([&o, &body] {
        const bool cleans = o.stop_all || !o.delete_leftovers.empty();
        body = [&o, cleans] { return cleans ? container_clean_up(o) : container_lifecycle(o); };
    });
}

}  // namespace csim
