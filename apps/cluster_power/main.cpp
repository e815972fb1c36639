// `cluster-power`: the option table and the way to each command.
#include "apps/cluster_power/commands.hpp"
#include "apps/shell/command_line.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <functional>

namespace csim {
namespace {

struct Program {
    CLI::App app{
        "Switches and shows the simulated power of a running cluster.\n"
        "A server stops at the instant its last outlet goes off, and boots when the first comes back.\n"
        "Exit status: 0 done and verified, 1 failed, 2 wrong usage, 3 no simulator is running.",
        "cluster-power"};
    std::string config = "cluster_sim";
    std::string name;
    int outlet = 0;
    std::string action;
    std::string view;
    std::function<int()> body;
};

void add_action(CLI::App* command, Program& p) {
    command->add_option("action", p.action, "on, off or reboot")
        ->required()
        ->check(CLI::IsMember({"on", "off", "reboot"}))
        ->type_name("ACTION");
}

void add_pdu(Program& p) {
    CLI::App* command = p.app.add_subcommand("pdu", "Switch one outlet of one power strip");
    command->add_option("name", p.name, "Name of the strip, such as pdu000")->required()->type_name("NAME");
    command->add_option("outlet", p.outlet, "Number of the outlet")
        ->required()
        ->check(CLI::Range(1, 1'000'000))
        ->type_name("OUTLET");
    add_action(command, p);
    command->callback([&p] {
        p.body = [&p] { return switch_outlet_command(p.config, p.name, p.outlet, p.action); };
    });
}

void add_server(Program& p) {
    CLI::App* command = p.app.add_subcommand("server", "Switch a server's outlet on every power strip");
    command->add_option("server", p.name, "Name of the server, or all")->required()->type_name("FQDN|all");
    add_action(command, p);
    command->callback([&p] { p.body = [&p] { return switch_server_command(p.config, p.name, p.action); }; });
}

void add_status(Program& p) {
    CLI::App* command = p.app.add_subcommand("status", "Show which outlets are on");
    command->add_option("view", p.view, "servers: by server; pdus: by power strip")
        ->required()
        ->check(CLI::IsMember({"servers", "pdus"}))
        ->type_name("servers|pdus");
    command->callback([&p] {
        p.body = [&p] {
            return power_status_command(p.config, p.view == "pdus" ? PowerView::pdus : PowerView::servers);
        };
    });
}

}  // namespace
}  // namespace csim

int main(int argc, char** argv) {
    csim::Program program;
    program.app.add_option("--config", program.config, "State folder of the simulated cluster")
        ->type_name("DIR")
        ->capture_default_str();
    program.app.require_subcommand(1);
    program.app.fallthrough();
    csim::add_pdu(program);
    csim::add_server(program);
    csim::add_status(program);
    return csim::shell::run(program.app, argc, argv, [&program] { return program.body(); });
}
