// The experiment with real namespaces. What later commands need is on the stage itself.
#include "runtime/namespaces/namespaces_runtime.hpp"
#include "runtime/namespaces/node_room.hpp"
#include "runtime/namespaces/stage.hpp"
#include "runtime/ve/figures.hpp"
#include "runtime/ve/kernel_limits.hpp"
#include "runtime/ve/many.hpp"

#include <filesystem>
#include <fstream>

namespace csim {
namespace {

namespace fs = std::filesystem;

constexpr int usual_pings = 180;

NamespacesOptions runtime_options(const RealExperimentOptions& options, bool adopt) {
    NamespacesOptions made;
    made.folder = options.folder;
    made.base = adopt ? "" : options.folder + "/vbase";
    made.purpose = "ve";
    made.size = options.size;
    made.inodes = options.inodes;
    made.kept = true;
    made.adopt = adopt;
    made.ledgers = options.ledgers;
    return made;
}

class RealExperiment final : public Experiment {
  public:
    RealExperiment(const RealExperimentOptions& options, bool adopt)
        : options_(options),
          timeline_(wall_now()),
          loop_(timeline_, Pace::realtime()),
          runtime_(loop_, timeline_, runtime_options(options, adopt)) {
        runtime_.ledger().kept = false;
        runtime_.save_ledger();
    }
    /// The stage stays; from now on on purpose.
    ~RealExperiment() override {
        if (abandoned_) return;
        try {
            runtime_.ledger().kept = settled_;
            runtime_.save_ledger();
        } catch (const std::exception&) {  // nothing can be said here; `takedown` finds the stage all the
                                           // same
        }
    }

    VeOutcome setup(const ExperimentSetup& setup, const Progress& progress) override {
        settled_ = false;
        if (options_.tune) tune(foresee(setup.count, setup.network), runtime_.ledger(), options_.ledgers);
        copy_base();
        runtime_.ledger().nodes = setup.count;
        runtime_.ledger().network = setup.network;
        std::ofstream(options_.folder + "/addressing")
            << (setup.addressing == Addressing::original ? "original" : "wide") << "\n";
        runtime_.save_ledger();
        if (setup.count == 0) return settled({});
        Tally tally(loop_, setup.count, progress);
        for (std::uint64_t i = 1; i <= setup.count; ++i)
            runtime_.create(environment_spec(i, setup, {}), 60s, [&tally](NodeResult<Done> result) {
                tally.add(result);
            });
        return all_or_none(tally.wait());
    }

    /// Throws Fatal, with the stage gone, unless all of them were made.
    VeOutcome all_or_none(const VeOutcome& outcome) {
        if (outcome.failed() == 0) return settled(outcome);
        const std::string nearest = nearest_limit(read_kernel_limits());
        abandon();
        throw Fatal(
            "only " + std::to_string(outcome.done) + " of " +
            std::to_string(outcome.done + outcome.failed()) +
            " environments could be made, and they are gone again: " + outcome.example +
            "; nearest limit of the kernel: " + nearest
        );
    }

    void abandon() {
        abandoned_ = true;
        take_down(runtime_.ledger(), options_.ledgers, 30s);
    }

    /// Throws Fatal, with the stage gone, when the base does not fit.
    void copy_base() {
        std::error_code error;
        std::uint64_t bytes = 0;
        for (fs::recursive_directory_iterator each(options_.base, error), end; each != end;
             each.increment(error))
            if (each->is_regular_file() && !each->is_symlink()) bytes += each->file_size();
        if (bytes <= fs::space(options_.folder).available) {
            fs::copy(
                options_.base, options_.folder + "/vbase",
                fs::copy_options::recursive | fs::copy_options::copy_symlinks, error
            );
            if (!error) return;
        }
        abandon();
        if (error) throw Fatal("cannot copy the base " + options_.base + ": " + error.message());
        throw Fatal(
            "the base takes " + human_size(bytes) + " and does not fit into a tmpfs of " + options_.size +
            "; choose a larger --size"
        );
    }

    VeOutcome start(const ExperimentStart& start, const Progress& progress) override {
        settled_ = false;
        for (std::uint64_t i = start.first; i <= start.last; ++i)
            runtime_.respecify(environment_spec(i, present(), start));
        const VeOutcome outcome = start_many(loop_, timeline_, runtime_, start, progress);
        if (outcome.done > 0) std::ofstream(options_.folder + "/pings") << start.pings << "\n";
        keep_boot_times(start.first, start.last);
        return settled(outcome);
    }

    std::vector<SeenEnvironment> look(std::uint64_t first, std::uint64_t last) override {
        const auto boots = boot_times();
        std::vector<SeenEnvironment> all;
        if (last < first) return all;
        std::uint64_t left = last - first + 1;
        for (std::uint64_t i = first; i <= last; ++i)
            runtime_.stats(environment_name(i), 60s, [&, i](NodeResult<NodeStats> stats) {
                if (stats) {
                    const auto boot = boots.find(i);
                    all.push_back(
                        {i, stats->state, stats->pid, boot == boots.end() ? Duration{} : boot->second,
                         stats->job}
                    );
                }
                if (--left == 0) loop_.stop();
            });
        while (left > 0) loop_.run();
        std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
        return all;
    }

    std::uint64_t disk_bytes() override { return disk_bytes_below(options_.folder); }

    VeOutcome stop(std::uint64_t first, std::uint64_t last, Duration grace) override {
        settled_ = false;
        return settled(stop_many(loop_, runtime_, first, last, grace, 30s, {}));
    }

    ExperimentSetup present() const override {
        auto& ledger = const_cast<NamespacesRuntime&>(runtime_).ledger();
        std::string word;
        std::ifstream(options_.folder + "/addressing") >> word;
        return {ledger.nodes, ledger.network, word == "original" ? Addressing::original : Addressing::wide};
    }

    int pings() const override {
        int count = usual_pings;
        std::ifstream(options_.folder + "/pings") >> count;
        return count;
    }

  private:
    VeOutcome settled(VeOutcome outcome) {
        settled_ = true;
        return outcome;
    }

    /// One line a start; the last one of an environment counts.
    void keep_boot_times(std::uint64_t first, std::uint64_t last) {
        std::ofstream out(options_.folder + "/boot_times", std::ios::app);
        for (std::uint64_t i = first; i <= last; ++i)
            if (const Duration boot = runtime_.boot_time(environment_name(i)); boot > Duration::zero())
                out << i << " " << boot.count() << "\n";
    }
    std::map<std::uint64_t, Duration> boot_times() const {
        std::map<std::uint64_t, Duration> all;
        std::ifstream in(options_.folder + "/boot_times");
        std::uint64_t number = 0;
        for (std::int64_t ns = 0; in >> number >> ns;) all[number] = Duration(ns);
        return all;
    }

    RealExperimentOptions options_;
    Timeline timeline_;
    EventLoop loop_;
    NamespacesRuntime runtime_;
    bool settled_ = true;
    bool abandoned_ = false;  ///< its stage is gone
};

}  // namespace

std::unique_ptr<Experiment> make_real_experiment(
    const RealExperimentOptions& options, const ExperimentSetup& setup
) {
    for (const LimitForecast& each : foresee(setup.count, setup.network))
        if (!each.ok && (!options.tune || each.setting.empty()))
            throw Fatal(
                "this machine is too small for " + std::to_string(setup.count) +
                " environments: " + each.name + ": " + std::to_string(each.needed) + " needed, " +
                std::to_string(each.present) + " present; " + each.advice
            );
    return std::make_unique<RealExperiment>(options, false);
}

std::unique_ptr<Experiment> find_real_experiment(const RealExperimentOptions& options) {
    return std::make_unique<RealExperiment>(options, true);
}

}  // namespace csim
