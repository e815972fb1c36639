#include "apps/cluster_sim/ve_options.hpp"

#include "runtime/ve/scenarios.hpp"

#include <CLI/Validators.hpp>

namespace csim {
namespace {

/// A sub-command with what all of them take.
CLI::App* add(CLI::App* ve, const char* name, const char* help, VeOptions& o) {
    CLI::App* command = ve->add_subcommand(name, help);
    command->add_option("--backend", o.backend, "What environments are made of: namespaces or simulated")
        ->check(CLI::IsMember({"namespaces", "simulated"}))
        ->type_name("NAME")
        ->capture_default_str();
    command
        ->add_option("--exp", o.exp, "Where the experiment stands (default: /exp, simulated: cluster_sim_ve)")
        ->type_name("DIR");
    return command;
}

void add_range(CLI::App* command, VeOptions& o) {
    command->add_option("range", o.range, "First and last environment; both or neither")
        ->expected(0, 2)
        ->type_name("S E");
}

void add_setup(CLI::App* ve, VeOptions& o, std::function<int()>& body) {
    CLI::App* command = add(ve, "setup", "Make N environments; nothing runs yet", o);
    command->add_option("count", o.count, "How many")->required()->type_name("N");
    command->add_option("--base_dir", o.base_dir, "The base they are made from")
        ->type_name("DIR")
        ->capture_default_str();
    command->add_option("--size", o.size, "Of the tmpfs that they live in")
        ->type_name("BYTES")
        ->capture_default_str();
    command->add_option("--inodes", o.inodes, "Of that tmpfs, at most (default: the kernel's choice)")
        ->check(CLI::Range(1, 2'000'000'000))
        ->type_name("N");
    command->add_flag("--no_network", o.no_network, "Loopback only");
    command->add_option("--address", o.address, "Rule of addresses: original (up to 65024) or wide")
        ->check(CLI::IsMember({"original", "wide"}))
        ->type_name("RULE")
        ->capture_default_str();
    command->add_flag(
        "--tune", o.tune, "Raise settings of the kernel that are too low; takedown restores them"
    );
    command
        ->add_option(
            "--model", o.model,
            "Simulated: lxd-2015, lxd-5, namespaces, docker, or roomy: enough of everything"
        )
        ->type_name("NAME")
        ->capture_default_str();
    command->add_option("--limit_by", o.limit_by, "Simulated: a resource that is enough for so many")
        ->type_name("RESOURCE=NODES");
    std::vector<std::string> scenarios;
    std::string names;
    for (const ExperimentScenario& each : experiment_scenarios()) {
        scenarios.emplace_back(each.name);
        names += (names.empty() ? "" : ", ") + scenarios.back();
    }
    command->add_option("--scenario", o.scenario, "Simulated, instead of --model: " + names)
        ->check(CLI::IsMember(scenarios))
        ->type_name("NAME");
    command->add_option("--chance", o.seed, "Simulated: seed of all that is left to chance")
        ->type_name("N")
        ->capture_default_str();
    command->callback([&] { body = [&o] { return ve_setup(o); }; });
}

void add_start(CLI::App* ve, VeOptions& o, std::function<int()>& body) {
    CLI::App* command = add(ve, "start", "Start them; each pings and stays up", o);
    add_range(command, o);
    command->add_option("--interval", o.interval, "Pause between starts; the original had 50ms")
        ->type_name("SPAN")
        ->capture_default_str();
    command->add_option("--pings", o.pings, "How many each sends, one a second")
        ->check(CLI::Range(0, 1'000'000))
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--target", o.target, "What they ping: localhost, bridge, or another one such as ve1")
        ->type_name("WHOM")
        ->capture_default_str();
    command->add_flag("--poweroff", o.power_off, "Each ends when its pings are done");
    command->add_flag("--json", o.json, "For programs");
    command->callback([&] { body = [&o] { return ve_start(o); }; });
}

void add_seeing(CLI::App* ve, VeOptions& o, std::function<int()>& body) {
    CLI::App* info = add(ve, "info", "What each one does", o);
    add_range(info, o);
    info->add_flag("--yes", o.yes, "Also for more than 200");
    info->add_flag("--json", o.json, "For programs");
    info->callback([&] { body = [&o] { return ve_info(o); }; });
    CLI::App* stats = add(ve, "stats", "How many finished their pings", o);
    add_range(stats, o);
    stats->add_flag("--json", o.json, "For programs");
    stats->add_flag("--legacy_label", o.legacy_label, "The label of the last published script");
    stats->add_option("--html", o.html, "Also write a page with charts of boot and reply times")
        ->type_name("FILE");
    stats->callback([&] { body = [&o] { return ve_stats(o); }; });
}

void add_monitor(CLI::App* ve, VeOptions& o, std::function<int()>& body) {
    CLI::App* monitor = add(ve, "monitor", "Tell each change of state as it comes, until Ctrl-C", o);
    monitor->add_option("pattern", o.pattern, "Names, with * and ?")
        ->type_name("NAMES")
        ->capture_default_str();
    monitor->add_flag("--once", o.once, "The present states, and end");
    monitor->add_option("--for", o.span, "End after so long")->type_name("SPAN");
    monitor->callback([&] { body = [&o] { return ve_monitor(o); }; });
}

void add_ending(CLI::App* ve, VeOptions& o, std::function<int()>& body) {
    CLI::App* stop = add(ve, "stop", "Stop them; what they wrote stays", o);
    add_range(stop, o);
    stop->add_option("--grace", o.grace, "How long each has to end by itself; 0s kills")
        ->type_name("SPAN")
        ->capture_default_str();
    stop->callback([&] { body = [&o] { return ve_stop(o); }; });
    CLI::App* down = add(ve, "takedown", "Stop and remove all of it, and nothing else", o);
    down->add_flag("--base", o.base, "Remove the base, too");
    down->add_option("--base_dir", o.base_dir, "The base")->type_name("DIR")->capture_default_str();
    down->add_flag("--leftovers", o.leftovers, "Whatever commands left behind that died in the middle");
    down->add_flag("--all", o.all, "With --leftovers: also experiments that were left up on purpose");
    down->callback([&] { body = [&o] { return ve_takedown(o); }; });
}

}  // namespace

void add_ve(CLI::App& app, VeOptions& o, std::function<int()>& body) {
    CLI::App* ve = app.add_subcommand("ve", "A thousand small environments that ping: how many survive?");
    ve->require_subcommand(1);
    CLI::App* base = add(ve, "createbase", "Make the base that environments are made from", o);
    base->add_option("--base_dir", o.base_dir, "Where")->type_name("DIR")->capture_default_str();
    base->add_option(
            "--rootfs", o.rootfs, "busybox, host (programs of this machine), auto, a folder or a tar archive"
    )
        ->type_name("WHAT")
        ->capture_default_str();
    base->callback([&] { body = [&o] { return ve_createbase(o); }; });
    add_setup(ve, o, body);
    add_start(ve, o, body);
    add_seeing(ve, o, body);
    add_monitor(ve, o, body);
    add_ending(ve, o, body);
}

}  // namespace csim
