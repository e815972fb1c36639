// A thousand small environments that ping: set up, started, counted and taken away, on any backend.
#pragma once

#include "core/event_loop.hpp"
#include "runtime/namespaces/ledger.hpp"
#include "runtime/ve/figures.hpp"

#include <functional>
#include <map>
#include <memory>

namespace csim {

struct ExperimentSetup {
    std::uint64_t count = 0;
    bool network = true;
    Addressing addressing = Addressing::wide;
};

struct ExperimentStart {
    std::uint64_t first = 1, last = 0;
    int pings = 180;
    std::string target = "localhost";  ///< or "bridge"
    Duration interval{};               ///< between starts; zero: as fast as it goes
    bool power_off = false;
    Duration limit = std::chrono::seconds(60);  ///< for one environment to be ready
};

/// What came of an operation on many environments.
struct VeOutcome {
    std::uint64_t done = 0;
    Duration took{};                                    ///< of simulated ones, in their own time
    std::map<std::string, std::uint64_t> refused = {};  ///< by resource or call
    std::string example = {};                           ///< the first refusal, in a sentence
    std::uint64_t failed() const;
};

/// `done` of `all`, at most ten times a second.
using Progress = std::function<void(std::uint64_t done, std::uint64_t all)>;

class Experiment {
  public:
    virtual ~Experiment() = default;
    virtual VeOutcome setup(const ExperimentSetup& setup, const Progress& progress) = 0;
    virtual VeOutcome start(const ExperimentStart& start, const Progress& progress) = 0;
    virtual std::vector<SeenEnvironment> look(std::uint64_t first, std::uint64_t last) = 0;
    virtual std::uint64_t disk_bytes() = 0;
    virtual VeOutcome stop(std::uint64_t first, std::uint64_t last, Duration grace) = 0;
    virtual ExperimentSetup present() const = 0;
    virtual int pings() const = 0;  ///< that its logs are complete with
};

struct RealExperimentOptions {
    std::string folder = "/exp";
    std::string base;
    std::string size = "2G";
    std::uint64_t inodes = 0;  ///< of the tmpfs; 0: as many as the kernel thinks fit
    bool tune = false;
    LedgerFolder ledgers = LedgerFolder();
};
/// A new stage, or the one that stands there. Throws Fatal.
std::unique_ptr<Experiment> make_real_experiment(
    const RealExperimentOptions& options, const ExperimentSetup& setup
);
std::unique_ptr<Experiment> find_real_experiment(const RealExperimentOptions& options);

struct SimulatedExperimentOptions {
    std::string folder = "cluster_sim_ve";
    std::string model = "roomy";
    std::string limit;  ///< "memory=704": so many fit, and this is what refuses the next
    std::uint64_t seed = 1;
    std::string scenario = {};  ///< of scenarios.hpp; instead of the model
};
/// Its commands are kept in the folder and done again, the same, by whoever finds it. Throws Fatal.
std::unique_ptr<Experiment> make_simulated_experiment(const SimulatedExperimentOptions& options);
std::unique_ptr<Experiment> find_simulated_experiment(const std::string& folder);
/// False if there is none.
bool remove_simulated_experiment(const std::string& folder);

}  // namespace csim
