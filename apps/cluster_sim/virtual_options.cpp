// The option tables of simulate, explore and scenario.
#include "apps/cluster_sim/virtual_options.hpp"

#include "sim/scenario/scenario.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <iostream>

namespace csim {

/// Which run: a cluster and what happens to it.
void VirtualCommands::add_run_choice(CLI::App* command) {
    auto& o = simulate_;
    command
        ->add_option_function<int>(
            "--servers",
            [&o](int count) {
                o.servers = count;
                o.servers_given = true;
            },
            "Storage servers (default: 8, or the scenario's)"
        )
        ->check(CLI::Range(1, servers_max))
        ->type_name("N");
    command
        ->add_option_function<int>(
            "--su_size",
            [&o](int servers) {
                o.su_size = servers;
                o.su_size_given = true;
            },
            "Servers that share volumes; 0: all do (default: 0 up to 64 servers, at most 8 beyond)"
        )
        ->check(CLI::Range(0, servers_max))
        ->type_name("N");
    command
        ->add_option_function<std::string>(
            "--for",
            [&o](const std::string& span) {
                o.span = span;
                o.span_given = true;
            },
            "How long, in virtual time, such as 24h or 90m (default: 24h, or the scenario's)"
        )
        ->type_name("TIME");
    command->add_option("--scenario", o.scenario, "What happens meanwhile; see docs/scenarios.md")
        ->type_name("FILE");
}

void VirtualCommands::add_output(CLI::App* command) {
    auto& o = simulate_;
    command->add_option("--report", o.report, "Write a time line to look at, one HTML page")
        ->type_name("FILE");
    command->add_flag("--json", o.json, "For programs");
}

void VirtualCommands::add_simulate(CLI::App& app, CommonOptions& common, std::function<int()>& body) {
    CLI::App* command = app.add_subcommand(
        "simulate", "Run fleet, world and embedded manager in one process, in virtual time"
    );
    add_run_choice(command);
    add_output(command);
    command->add_flag("--no_checks", simulate_.no_checks, "Do not watch over the invariants");
    command->add_flag("--world_only", simulate_.world_only, "Without manager, agents and sessions");
    command->callback([this, &common, &body] {
        body = [this, &common] { return simulate_command(common, simulate_); };
    });
}

void VirtualCommands::add_replay(CLI::App& app, CommonOptions& common, std::function<int()>& body) {
    auto& o = simulate_;
    CLI::App* replay = app.add_subcommand("replay", "See a run again, up to a moment of it or to its end");
    CLI::App* snapshot = app.add_subcommand("snapshot", "Keep a moment of a run in a file");
    snapshot->add_option("file", o.snapshot, "Where to keep it")->required()->type_name("FILE");
    for (CLI::App* command : {replay, snapshot}) {
        add_run_choice(command);
        add_output(command);
        command
            ->add_option_function<std::uint64_t>(
                "--explored",
                [&o](std::uint64_t seed) {
                    o.explored = seed;
                    o.is_explored = true;
                },
                "The run that this seed of 'explore' stands for"
            )
            ->type_name("SEED");
        command->add_option("--keep", o.keep, "Only these of the seed's faults, such as 1,4,5")
            ->type_name("LIST");
        command->add_option("--until", o.until, "Stop at this time of the run")->type_name("TIME");
    }
    replay->add_option("--from", o.from, "Begin at a snapshot")->type_name("FILE");
    replay->callback([this, &common, &body] {
        body = [this, &common] { return replay_command(common, simulate_); };
    });
    snapshot->callback([this, &common, &body] {
        body = [this, &common] { return snapshot_command(common, simulate_); };
    });
}

void VirtualCommands::add_snapshots(CLI::App& app, CommonOptions& common, std::function<int()>& body) {
    auto& o = simulate_;
    CLI::App* fork =
        app.add_subcommand("fork", "Go on from a snapshot in another way: other seed, other scenario");
    fork->add_option("snapshot", o.from, "The snapshot")->required()->type_name("FILE");
    add_run_choice(fork);
    add_output(fork);
    fork->callback([this, &common, &body] {
        body = [this, &common] { return fork_command(common, simulate_); };
    });
    CLI::App* revive =
        app.add_subcommand("revive", "Turn a snapshot into state folders with real keys, for real sockets");
    revive->add_option("snapshot", o.from, "The snapshot")->required()->type_name("FILE");
    revive->add_option("--manager_config", o.manager_folder, "New state folder of the manager")
        ->type_name("DIR");
    revive->callback([this, &common, &body] {
        body = [this, &common] { return revive_command(common, simulate_); };
    });
}

void VirtualCommands::add_explore(CLI::App& app, std::function<int()>& body) {
    auto& o = explore_;
    CLI::App* command = app.add_subcommand(
        "explore", "Run many random clusters with random faults, and make what fails as small as it can be"
    );
    command->add_option("--seeds", o.seeds, "How many")
        ->check(CLI::PositiveNumber)
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--first", o.first, "The first seed")->type_name("SEED")->capture_default_str();
    command->add_option("--jobs", o.jobs, "Processes at a time (default: one per core)")
        ->check(CLI::Range(1, 1024))
        ->type_name("N");
    command->add_option("--minutes", o.minutes, "Begin no further seed after this")
        ->check(CLI::NonNegativeNumber)
        ->type_name("M");
    command->add_flag("--stop_at_first", o.stop_at_first, "End at the first failure");
    command->add_flag("--no_shrink", o.no_shrink, "Do not make failures smaller");
    command->add_flag("--json", o.json, "For programs");
    command->callback([this, &body] { body = [this] { return explore_command(explore_); }; });
}

void VirtualCommands::add_scenario(CLI::App& app, std::function<int()>& body) {
    CLI::App* command = app.add_subcommand("scenario", "Look after scenario files");
    command->require_subcommand(1);
    CLI::App* check = command->add_subcommand("check", "Say whether files are scenarios, and what is wrong");
    check->add_option("file", scenario_files_, "Scenario files")->required()->type_name("FILE");
    check->callback([this, &body] { body = [this] { return scenario_check_command(scenario_files_); }; });
    CLI::App* page = command->add_subcommand("markdown", "Print docs/scenarios.md");
    page->callback([&body] {
        body = [] {
            std::cout << scenarios_markdown();
            return 0;
        };
    });
}

void VirtualCommands::add(CLI::App& app, CommonOptions& common, std::function<int()>& body) {
    add_simulate(app, common, body);
    add_explore(app, body);
    add_replay(app, common, body);
    add_snapshots(app, common, body);
    add_scenario(app, body);
}

}  // namespace csim
