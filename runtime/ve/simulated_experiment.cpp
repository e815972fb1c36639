// The experiment in virtual time. What is kept of it is what was asked; the same again gives the same again.
#include "core/json_codec.hpp"
#include "runtime/simulated/simulated_runtime.hpp"
#include "runtime/ve/many.hpp"
#include "runtime/ve/scenarios.hpp"

#include <filesystem>
#include <fstream>

namespace csim {

/// One command of the past.
struct KeptCommand {
    std::string what;  ///< "setup", "start", "stop"
    std::uint64_t first = 1, last = 0;
    int pings = 180;
    std::string target = "localhost";
    Duration interval{};
    bool network = true, original = false;
};
struct KeptExperiment {
    std::string model = "namespaces", limit, scenario;
    std::uint64_t seed = 1;
    std::vector<KeptCommand> commands;
};
BOOST_DESCRIBE_STRUCT(KeptCommand, (), (what, first, last, pings, target, interval, network, original))
BOOST_DESCRIBE_STRUCT(KeptExperiment, (), (model, limit, scenario, seed, commands))

namespace {

namespace fs = std::filesystem;

std::string file_of(const std::string& folder) {
    return folder + "/experiment.json";
}

HostModel model_of(const KeptExperiment& kept) {
    auto model = kept.scenario.empty() ? host_model(kept.model) : experiment_scenario(kept.scenario);
    if (!model) throw Fatal(model.error().detail, 2);
    if (kept.limit.empty()) return *model;
    const auto equals = kept.limit.find('=');
    const std::string count = equals == std::string::npos ? "" : kept.limit.substr(equals + 1);
    if (count.empty() || count.find_first_not_of("0123456789") != std::string::npos || count.size() > 9)
        throw Fatal("--limit_by is RESOURCE=NODES, such as memory=704, not '" + kept.limit + "'", 2);
    const auto limited = limit_nodes(*model, kept.limit.substr(0, equals), std::stoull(count));
    if (!limited) throw Fatal(limited.error().detail, 2);
    return *model;
}

class SimulatedExperiment final : public Experiment {
  public:
    SimulatedExperiment(std::string folder, KeptExperiment kept)
        : folder_(std::move(folder)),
          timeline_(SimTime::from_unix_ns(1428421302344413989)),
          loop_(timeline_, Pace::instant()),
          runtime_(timeline_, model_of(kept), kept.seed) {
        for (const KeptCommand& each : kept.commands) repeat(each);
        kept_ = std::move(kept);
    }

    VeOutcome setup(const ExperimentSetup& setup, const Progress& progress) override {
        remember({"setup", 1, setup.count, 0, "", {}, setup.network, setup.addressing == Addressing::original}
        );
        return do_setup(setup, progress);
    }
    VeOutcome start(const ExperimentStart& start, const Progress& progress) override {
        remember({"start", start.first, start.last, start.pings, start.target, start.interval});
        return do_start(start, progress);
    }
    VeOutcome stop(std::uint64_t first, std::uint64_t last, Duration) override {
        remember({"stop", first, last});
        return do_stop(first, last);
    }

    std::vector<SeenEnvironment> look(std::uint64_t first, std::uint64_t last) override {
        std::vector<SeenEnvironment> all;
        for (std::uint64_t i = first; i <= last; ++i) {
            const auto stats = runtime_.look(environment_name(i));
            if (stats) all.push_back({i, stats->state, stats->pid, stats->boot, stats->job});
        }
        return all;
    }
    std::uint64_t disk_bytes() override { return runtime_.disk_bytes(); }
    ExperimentSetup present() const override { return setup_; }
    int pings() const override { return pings_; }

  private:
    void repeat(const KeptCommand& command) {
        if (command.what == "setup") {
            do_setup(
                {command.last, command.network, command.original ? Addressing::original : Addressing::wide},
                {}
            );
        } else if (command.what == "start") {
            do_start({command.first, command.last, command.pings, command.target, command.interval}, {});
        } else {
            do_stop(command.first, command.last);
        }
    }

    VeOutcome do_setup(const ExperimentSetup& setup, const Progress& progress) {
        setup_ = setup;
        if (setup.count == 0) return {};
        Tally tally(loop_, setup.count, progress);
        // The job is the runtime's from the beginning; a start only says when.
        for (std::uint64_t i = 1; i <= setup.count; ++i)
            runtime_.create(environment_spec(i, setup, {}), 0s, [&tally](NodeResult<Done> result) {
                tally.add(result);
            });
        return tally.wait();
    }

    /// Runs on until every ping has been answered or given up.
    VeOutcome do_start(const ExperimentStart& start, const Progress& progress) {
        pings_ = start.pings;
        for (std::uint64_t i = start.first; i <= start.last; ++i)
            runtime_.respecify(environment_name(i), environment_spec(i, setup_, start));
        ExperimentStart unlimited = start;
        unlimited.limit = {};
        const SimTime began = timeline_.now();
        VeOutcome outcome = start_many(loop_, timeline_, runtime_, unlimited, progress);
        outcome.took = timeline_.now() - began;
        loop_.run_until(timeline_.now() + start.pings * Duration(1s));
        return outcome;
    }

    VeOutcome do_stop(std::uint64_t first, std::uint64_t last) {
        const SimTime began = timeline_.now();
        VeOutcome outcome = stop_many(loop_, runtime_, first, last, {}, {}, {});
        outcome.took = timeline_.now() - began;
        return outcome;
    }

    void remember(KeptCommand command) {
        kept_.commands.push_back(std::move(command));
        fs::create_directories(folder_);
        std::ofstream out(file_of(folder_) + ".new");
        out << to_json_value(kept_).dump(2) << "\n";
        out.close();
        if (!out) throw Fatal("cannot write " + file_of(folder_));
        fs::rename(file_of(folder_) + ".new", file_of(folder_));
    }

    const std::string folder_;
    Timeline timeline_;
    EventLoop loop_;
    SimulatedRuntime runtime_;
    KeptExperiment kept_;
    ExperimentSetup setup_;
    int pings_ = 180;
};

}  // namespace

std::unique_ptr<Experiment> make_simulated_experiment(const SimulatedExperimentOptions& options) {
    if (fs::exists(file_of(options.folder)))
        throw Fatal(
            "there is an experiment in " + options.folder + " already; take it down or choose another --exp"
        );
    return std::make_unique<SimulatedExperiment>(
        options.folder, KeptExperiment{options.model, options.limit, options.scenario, options.seed, {}}
    );
}

std::unique_ptr<Experiment> find_simulated_experiment(const std::string& folder) {
    std::ifstream in(file_of(folder));
    if (!in) throw Fatal("there is no simulated experiment in " + folder + "; 'setup N' makes one");
    const auto json = parse_json(std::string{std::istreambuf_iterator<char>(in), {}});
    auto kept = json ? from_json_value<KeptExperiment>(*json, Strictness::saved)
                     : Result<KeptExperiment>(json.error());
    if (!kept) throw Fatal(file_of(folder) + " is damaged: " + kept.error().detail);
    return std::make_unique<SimulatedExperiment>(folder, std::move(*kept));
}

bool remove_simulated_experiment(const std::string& folder) {
    std::error_code error;
    if (!fs::remove(file_of(folder), error)) return false;
    fs::remove(folder, error);
    return true;
}

}  // namespace csim
