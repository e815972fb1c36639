// The options of what runs in virtual time, and their commands.
#pragma once

#include "apps/cluster_sim/options.hpp"

#include <CLI/App.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace csim {

struct SimulateOptions {
    int servers = 8;
    std::string span = "24h";
    std::string scenario;        ///< file; empty: none
    std::string report;          ///< file; empty: none
    std::string until;           ///< of replay
    std::string from;            ///< a snapshot; of replay and fork
    std::string snapshot;        ///< file to write at the end
    std::string manager_folder;  ///< of revive; empty: the folder of --config with _manager behind it
    std::string keep;            ///< of explored seeds: which faults, such as 1,4,5
    std::uint64_t explored = 0;  ///< a seed of explore
    bool is_explored = false;
    bool servers_given = false;
    bool span_given = false;
    int su_size = 0;
    bool su_size_given = false;
    bool no_checks = false;
    bool world_only = false;
    bool json = false;
};

struct ExploreOptions {
    std::uint64_t seeds = 200;
    std::uint64_t first = 1;
    unsigned jobs = 0;   ///< processes; 0: one per core
    double minutes = 0;  ///< 0: as long as it takes
    bool stop_at_first = false;
    bool no_shrink = false;
    bool json = false;
};

/// Adds simulate, explore, replay, snapshot, revive and scenario to the program. `body` becomes what to run.
class VirtualCommands {
  public:
    void add(CLI::App& app, CommonOptions& common, std::function<int()>& body);

  private:
    void add_run_choice(CLI::App* command);
    void add_output(CLI::App* command);
    void add_replay(CLI::App& app, CommonOptions& common, std::function<int()>& body);
    void add_snapshots(CLI::App& app, CommonOptions& common, std::function<int()>& body);
    void add_simulate(CLI::App& app, CommonOptions& common, std::function<int()>& body);
    void add_explore(CLI::App& app, std::function<int()>& body);
    void add_scenario(CLI::App& app, std::function<int()>& body);

    SimulateOptions simulate_;
    ExploreOptions explore_;
    std::vector<std::string> scenario_files_;
};

/// Each returns an exit status, or throws Fatal.
int simulate_command(const CommonOptions& common, const SimulateOptions& options);
int replay_command(const CommonOptions& common, const SimulateOptions& options);
int snapshot_command(const CommonOptions& common, const SimulateOptions& options);
int fork_command(const CommonOptions& common, const SimulateOptions& options);
int revive_command(const CommonOptions& common, const SimulateOptions& options);
int explore_command(const ExploreOptions& options);
int scenario_check_command(const std::vector<std::string>& files);

}  // namespace csim
