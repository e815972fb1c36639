// `cluster-sim`: the option table and the way to each command.
#include "apps/cluster_sim/doctor_command.hpp"
#include "apps/cluster_sim/lxd_host_command.hpp"
#include "apps/cluster_sim/options.hpp"
#include "apps/cluster_sim/proxy_warning.hpp"
#include "apps/cluster_sim/tada_options.hpp"
#include "apps/cluster_sim/vcluster_options.hpp"
#include "apps/cluster_sim/ve_options.hpp"
#include "apps/cluster_sim/virtual_options.hpp"
#include "apps/shell/command_line.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <cstdlib>
#include <functional>
#include <iostream>

namespace csim {
namespace {

/// Everything the command line can say, and what to do about it.
struct Program {
    CLI::App app{
        "Puts a cluster manager inside a cluster that isn't there.\n"
        "Impersonates storage servers: each registers with its own key, reports its devices, network, "
        "targets and\n"
        "logs over HTTPS, and obeys the manager's commands. One consistent world stands behind them.",
        "cluster-sim"};
    CommonOptions common;
    Setup setup;
    Existing existing = Existing::refuse;
    int volume_count = -1;
    ServeOptions serve;
    RegisterOptions registering;
    WatchOptions watch;
    CtlOptions ctl;
    bool json = false;
    DoctorOptions doctor;
    std::string action;
    VirtualCommands in_virtual_time;
    VeOptions environments;
    VclusterOptions clusters;
    TadaOptions results;
    LxdHostCommand lxd_host;
    std::function<int()> body;
};

void add_common(Program& p) {
    p.app.add_option("--config", p.common.config, "State folder of the simulated cluster")
        ->type_name("DIR")
        ->capture_default_str();
    p.app.add_option("--url", p.common.url, "Manager to live under")->type_name("URL")->capture_default_str();
    p.app.add_option("--seed", p.common.seed, "Seed of everything that is left to chance")
        ->check(CLI::NonNegativeNumber)
        ->type_name("N")
        ->capture_default_str();
    p.app.add_option("--log_level", p.common.log_level, "How much to tell on standard error")
        ->check(CLI::IsMember({"error", "warn", "info", "debug"}))
        ->type_name("LEVEL")
        ->capture_default_str();
    p.app.fallthrough();
}

void add_setup(Program& p) {
    CLI::App* command = p.app.add_subcommand("setup", "Create a simulated cluster in the state folder");
    command->add_option("--server_count", p.setup.server_count, "Storage servers")
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--worker_count", p.setup.worker_count, "HSM worker nodes")
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--nid_count", p.setup.nid_count, "Network interfaces (NIDs) of each node")
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--volume_count", p.volume_count, "Volumes in total (default: two per server)")
        ->type_name("N");
    command->add_option("--cluster_size", p.setup.cluster_size, "Servers per HA cluster")
        ->type_name("N")
        ->capture_default_str();
    command
        ->add_option(
            "--su_size", p.setup.su_size,
            "Servers per scalable unit with a storage controller of its own; 0: none, every server sees "
            "every volume"
        )
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--psu_count", p.setup.psu_count, "Power strips; each server has one supply on each")
        ->type_name("N")
        ->capture_default_str();
    const auto on = [&p](Existing chosen) { return [&p, chosen](std::int64_t) { p.existing = chosen; }; };
    CLI::Option* force = command->add_flag("--force", on(Existing::replace), "Replace what is in the folder");
    command->add_flag("--grow", on(Existing::grow), "Add to what is in the folder, up to the given counts")
        ->excludes(force);
    command->callback([&p, command] {
        if (command->count("--volume_count") > 0) p.setup.volume_count = p.volume_count;
        p.body = [&p] { return setup_command(p.common, p.setup, p.existing); };
    });
}

void add_manager_trust(CLI::App* command, Program& p) {
    command->add_option("--ca", p.serve.ca, "Verify the manager's certificate against this CA file")
        ->type_name("FILE");
}

void add_control_token(CLI::App* command, std::string& word, std::string& file) {
    CLI::Option* const given = command->add_option(
        "--control_token", word, "What requests to the control port must show as 'Authorization: Bearer WORD'"
    );
    given->type_name("WORD");
    command->add_option("--control_token_file", file, "The same, from the first line of a file")
        ->type_name("FILE")
        ->excludes(given);
}

void add_serving(CLI::App* command, Program& p) {
    add_manager_trust(command, p);
    command
        ->add_option(
            "--pdu_port", p.serve.pdu_port,
            "Where the first power strip listens, the others above it; 0: each at any free port"
        )
        ->check(CLI::Range(0, 65535))
        ->type_name("PORT")
        ->capture_default_str();
    command
        ->add_option(
            "--pdu_password", p.serve.pdu_password,
            "Password of the power strips' account 'apc' (default: any)"
        )
        ->type_name("WORD");
    command
        ->add_option(
            "--copytool_fifo_dir", p.serve.copytool_fifo_dir,
            "Make a named pipe here for each running copytool and relay the events written into it"
        )
        ->type_name("DIR");
    command
        ->add_option(
            "--wire", p.serve.wire,
            "Habits on the wire: 'default' (kept connections, jitter) or 'reference' (a connection per "
            "request, RSA keys)"
        )
        ->check(CLI::IsMember({"default", "reference"}))
        ->type_name("HABIT")
        ->capture_default_str();
    command->add_flag(
        "--hibernate", p.serve.hibernate,
        "Keep only the traffic keys of the agents' TLS 1.3 connections, which saves most of their memory; "
        "see "
        "docs/connections.md for what that means"
    );
    command->add_option("--keys", p.serve.keys, "Kind of the agents' keys: p256 or rsa2048")
        ->check(CLI::IsMember({"p256", "rsa2048"}))
        ->type_name("KIND")
        ->capture_default_str();
    command
        ->add_option(
            "--control_listen", p.serve.control_listen,
            "Where the control port listens; beyond this machine only with a token"
        )
        ->type_name("HOST:PORT")
        ->capture_default_str();
    add_control_token(command, p.serve.control_token, p.serve.control_token_file);
    command
        ->add_option(
            "--start_spread", p.serve.start_spread,
            "Seconds over which the agents start (default: 10, up to 30 for thousands of them)"
        )
        ->check(CLI::Range(0.0, 3600.0))
        ->type_name("S");
    command
        ->add_option(
            "--source_address", p.serve.source_addresses,
            "An address of this machine to connect from; several are used in turn, for when one has too few "
            "ports"
        )
        ->type_name("ADDRESS");
    command
        ->add_option("--ready_file", p.serve.ready_file, "Write the control port's URL here once it serves")
        ->type_name("FILE");
}

void add_register(Program& p) {
    CLI::App* command =
        p.app.add_subcommand("register", "Register every node with the manager, then keep running");
    command->add_option("--secret", p.registering.secret, "Registration token for servers and workers")
        ->type_name("TOKEN");
    command
        ->add_option(
            "--username", p.registering.username,
            "Manager account that makes the tokens, when there is no --secret"
        )
        ->type_name("NAME");
    command->add_option("--password", p.registering.password, "Its password")->type_name("WORD");
    command->add_flag(
        "--create_pdu_entries", p.registering.create_pdu_entries,
        "Tell the manager of the power strips and which outlet feeds which server"
    );
    command
        ->add_option(
            "--registration_timeout", p.serve.registration_timeout,
            "Seconds without an answer of the manager after which the registration has failed"
        )
        ->check(CLI::Range(0.1, 3600.0))
        ->type_name("S")
        ->capture_default_str();
    add_serving(command, p);
    command->callback([&p] { p.body = [&p] { return register_command(p.common, p.serve, p.registering); }; });
}

void add_run(Program& p) {
    CLI::App* command = p.app.add_subcommand("run", "Bring a registered cluster to life");
    add_serving(command, p);
    command->add_option("--scenario", p.serve.scenario, "What happens to it; see docs/scenarios.md")
        ->type_name("FILE");
    command->callback([&p] { p.body = [&p] { return run_command(p.common, p.serve); }; });
}

void add_status(Program& p) {
    CLI::App* command = p.app.add_subcommand("status", "Show the servers of a stopped or running cluster");
    command->add_flag("--json", p.json, "For programs");
    command->callback([&p] { p.body = [&p] { return status_command(p.common, p.json); }; });
}

void add_actions(Program& p) {
    CLI::App* command = p.app.add_subcommand("actions", "List what a manager can ask of a server");
    command->add_option("name", p.action, "One action, in full");
    command->add_flag("--json", p.json, "For programs");
    command->callback([&p] { p.body = [&p] { return actions_command(p.json, p.action); }; });
}

void add_ctl(Program& p) {
    CLI::App* command = p.app.add_subcommand("ctl", "Ask a running simulator: 'ctl add_su 4 8 2'");
    command->add_option("operation", p.ctl.operation, "One of those that --list lists");
    command->add_option(
        "arguments", p.ctl.arguments, "Its arguments in order; behind -- they may begin with -"
    );
    command->add_flag("--list", p.ctl.list, "List the operations");
    command->add_flag("--markdown", p.ctl.markdown, "With --list: as docs/control.md");
    command->add_option("--url", p.ctl.url, "Control port to ask, instead of the state folder's")
        ->type_name("URL");
    add_control_token(command, p.ctl.control_token, p.ctl.control_token_file);
    command->callback([&p] { p.body = [&p] { return ctl_command(p.common, p.ctl); }; });
}

void add_watch(Program& p) {
    CLI::App* command =
        p.app.add_subcommand("watch", "Follow what the manager makes of its hosts, as a time line");
    command->add_option("--username", p.watch.username, "Manager account")->type_name("NAME");
    command->add_option("--password", p.watch.password, "Its password")->type_name("WORD");
    command
        ->add_option(
            "--until", p.watch.until,
            "End once every host is in this state; ready: in the state its profile wants"
        )
        ->type_name("STATE");
    command->add_option("--timeout", p.watch.timeout, "Give up after so many seconds")
        ->type_name("S")
        ->capture_default_str();
    add_manager_trust(command, p);
    command->callback([&p] { p.body = [&p] { return watch_command(p.common, p.serve, p.watch); }; });
}

int run(Program& p) {
    if (!p.body) throw Fatal("give a command, such as setup; 'cluster-sim --help' lists them", 2);
    if (p.common.config.empty()) throw Fatal("--config names no folder", 2);
    return warn_of_proxy(), p.body();
}

}  // namespace
}  // namespace csim

int main(int argc, char** argv) {
    csim::Program program;
    csim::add_common(program);
    csim::add_setup(program);
    csim::add_register(program);
    csim::add_run(program);
    csim::add_status(program);
    csim::add_ctl(program);
    csim::add_watch(program);
    csim::add_actions(program);
    csim::add_doctor(program.app, program.doctor, program.common, program.body);
    program.in_virtual_time.add(program.app, program.common, program.body);
    csim::add_ve(program.app, program.environments, program.body);
    csim::add_vcluster(program.app, program.clusters, program.body);
    csim::add_tada(program.app, program.results, program.body);
    csim::add_lxd_host(program.app, program.lxd_host, program.body);
    return csim::shell::run(program.app, argc, argv, [&program] { return csim::run(program); });
}
