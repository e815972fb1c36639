// `cluster-sim ve`: what each sub-command does and prints.
#include "apps/cluster_sim/ve_options.hpp"
#include "apps/cluster_sim/ve_report.hpp"
#include "core/duration_text.hpp"
#include "runtime/namespaces/base.hpp"
#include "runtime/namespaces/namespaces_runtime.hpp"
#include "runtime/namespaces/stage.hpp"
#include "runtime/ve/experiment.hpp"
#include "runtime/ve/kernel_limits.hpp"
#include "runtime/ve/scenarios.hpp"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <unistd.h>

namespace csim {

std::string ve_folder(const VeOptions& o) {
    if (o.backend == "simulated") return o.exp.empty() ? "cluster_sim_ve" : o.exp;
    return std::filesystem::absolute(o.exp.empty() ? "/exp" : o.exp).lexically_normal().string();
}

namespace {

bool simulated(const VeOptions& o) {
    return o.backend == "simulated";
}

Duration span(const std::string& option, const std::string& text) {
    const auto parsed = parse_duration(text);
    if (!parsed || *parsed < Duration::zero())
        throw Fatal(option + " is a span of time such as 50ms, not '" + text + "'", 2);
    return *parsed;
}

/// What stands on the screen: simulated environments live at the usual place of their own machine.
std::string shown_folder(const VeOptions& o) {
    return simulated(o) ? "/exp" : ve_folder(o);
}

/// Only where people look; nothing gets into a file or a pipe.
Progress progress(const char* what) {
    if (!::isatty(2)) return {};
    return [what](std::uint64_t done, std::uint64_t all) {
        std::cerr << "\r" << what << " " << done << " of " << all << (done == all ? "\n" : "") << std::flush;
    };
}

void need_rights() {
    if (const std::string why = why_no_namespaces(); !why.empty()) throw Fatal(why);
}

RealExperimentOptions real_options(const VeOptions& o) {
    RealExperimentOptions real;
    real.folder = ve_folder(o);
    real.base = o.base_dir;
    real.size = o.size;
    real.inodes = o.inodes;
    real.tune = o.tune;
    return real;
}

std::unique_ptr<Experiment> found(const VeOptions& o) {
    if (simulated(o)) return find_simulated_experiment(ve_folder(o));
    need_rights();
    const auto stage = find_stage(ve_folder(o), LedgerFolder());
    if (!stage) throw Fatal(stage.error().detail + "; 'cluster-sim ve setup N' makes an experiment");
    if (stage->owner_lives())
        throw Fatal(
            "process " + std::to_string(stage->owner_pid) + " is at work on " + ve_folder(o) + "; wait for it"
        );
    return find_real_experiment(real_options(o));
}

std::pair<std::uint64_t, std::uint64_t> range_of(const VeOptions& o, std::uint64_t count) {
    if (o.range.empty()) return {1, count};
    if (o.range.size() != 2) throw Fatal("give the first and the last environment, or neither", 2);
    if (o.range[0] < 1 || o.range[0] > o.range[1] || o.range[1] > count)
        throw Fatal(
            "there are environments 1 to " + std::to_string(count) + "; " + std::to_string(o.range[0]) +
                " to " + std::to_string(o.range[1]) + " is not a range of them",
            2
        );
    return {o.range[0], o.range[1]};
}

void tell_scenario(const std::string& name) {
    for (const ExperimentScenario& each : experiment_scenarios()) {
        if (each.name != name) continue;
        std::cout << each.name << ": " << each.says << ".\n";
        if (!each.hypothesis.empty()) std::cout << "Hypothesis: " << each.hypothesis << ".\n";
    }
}

int told(const char* did, const VeOutcome& outcome, const VeOptions& o) {
    std::cout << did << " " << outcome.done << " of " << outcome.done + outcome.failed() << " environments";
    if (outcome.took > Duration::zero())
        std::cout << " in " << static_cast<double>(outcome.took.count()) / 1e9 << " simulated seconds";
    std::cout << ".\n";
    if (outcome.failed() == 0) return 0;
    for (const auto& [who, count] : outcome.refused)
        std::cout << "  " << count << " refused by " << who << "\n";
    std::cerr << "cluster-sim: " << outcome.example << "\n";
    if (!simulated(o))
        std::cerr << "cluster-sim: nearest limit of the kernel: " << nearest_limit(read_kernel_limits())
                  << "\n";
    return 1;
}

}  // namespace

int ve_createbase(const VeOptions& o) {
    if (simulated(o)) throw Fatal("simulated environments need no base", 2);
    const auto built = build_base(o.base_dir, o.rootfs);
    if (!built) throw Fatal(built.error().detail, built.error().code == Errc::bad_argument ? 2 : 1);
    std::cout << "Made a base of " << human_size(built->bytes) << " in " << o.base_dir << " (" << built->kind
              << ", sha256 " << built->sha256 << ").\nNext: cluster-sim ve setup 1000\n";
    return 0;
}

namespace {

/// What only the other backend could obey would be ignored otherwise.
void refuse_misplaced(const VeOptions& o) {
    const std::pair<const char*, bool> of_simulated[] = {
        {"--scenario", !o.scenario.empty()},
        {"--limit_by", !o.limit_by.empty()},
        {"--model", o.model != "roomy"}};
    const std::pair<const char*, bool> of_real[] = {
        {"--tune", o.tune}, {"--inodes", o.inodes != 0}, {"--size", o.size != "2G"}};
    for (const auto& [name, given] : of_simulated)
        if (given && !simulated(o))
            throw Fatal(std::string(name) + " is of simulated environments; say --backend simulated, too", 2);
    for (const auto& [name, given] : of_real)
        if (given && simulated(o)) throw Fatal(std::string(name) + " is of real environments", 2);
}

}  // namespace

int ve_setup(const VeOptions& o) {
    refuse_misplaced(o);
    ExperimentSetup setup{
        o.count, !o.no_network, o.address == "original" ? Addressing::original : Addressing::wide};
    const std::uint64_t most = setup.addressing == Addressing::original ? original_last
                               : simulated(o)                           ? 1'000'000
                                                                        : 65'024;
    if (o.count < 1 || o.count > most)
        throw Fatal(
            "there can be 1 to " + std::to_string(most) + " environments, not " + std::to_string(o.count), 2
        );
    std::unique_ptr<Experiment> experiment;
    if (simulated(o)) {
        SimulatedExperimentOptions options{ve_folder(o), o.model, o.limit_by, o.seed, o.scenario};
        // The same outcome by another resource.
        if (o.scenario == "lxcexp-704" && !o.limit_by.empty())
            options.model = "lxd-2015", options.scenario.clear();
        experiment = make_simulated_experiment(options);
        tell_scenario(options.scenario);
    } else {
        need_rights();
        if (!is_base(o.base_dir))
            throw Fatal("there is no base in " + o.base_dir + "; 'cluster-sim ve createbase' makes one");
        experiment = make_real_experiment(real_options(o), setup);
    }
    return told("Made", experiment->setup(setup, progress("making")), o);
}

namespace {

/// Whom they ping, as the experiment knows it. Another environment is asked for its Ethernet address by each
/// and asks each back: entries of the neighbour table, of which the whole kernel has a few.
std::string target_of(const VeOptions& o, const ExperimentSetup& present, std::uint64_t pinging) {
    if (o.target == "localhost") return o.target;
    const bool bridge = o.target == "bridge";
    const std::string digits = o.target.starts_with("ve") ? o.target.substr(2) : "";
    const bool digits_only = digits.find_first_not_of("0123456789") == std::string::npos;
    const std::uint64_t number =
        digits_only && digits.size() < 10 ? std::strtoull(digits.c_str(), nullptr, 10) : 0;
    const bool other = number >= 1 && number <= present.count;
    if (!bridge && !other)
        throw Fatal(
            "--target is localhost, bridge or one of ve1 to ve" + std::to_string(present.count) + ", not '" +
                o.target + "'",
            2
        );
    if (!present.network)
        throw Fatal(
            bridge ? "these environments have no network, so there is no bridge"
                   : "these environments have no network, so none reaches another",
            2
        );
    if (bridge) return o.target;
    for (const KernelLimit& each : simulated(o) ? std::vector<KernelLimit>{} : read_kernel_limits())
        if (each.name == "neighbours" && each.used + 2 * pinging > each.capacity)
            throw Fatal(
                std::to_string(pinging) + " that ping " + o.target + " need " + std::to_string(2 * pinging) +
                " entries of the neighbour table, which holds " + std::to_string(each.capacity) +
                " and loses replies silently; give a range, ping the bridge, or raise " + each.setting
            );
    return address_of(number, present.addressing).value();
}

}  // namespace

int ve_start(const VeOptions& o) {
    const auto experiment = found(o);
    const ExperimentSetup present = experiment->present();
    ExperimentStart start;
    std::tie(start.first, start.last) = range_of(o, present.count);
    start.pings = o.pings;
    start.target = target_of(o, present, start.last - start.first + 1);
    start.interval = span("--interval", o.interval);
    start.power_off = o.power_off;
    const VeOutcome outcome = experiment->start(start, progress("starting"));
    if (o.json) {
        std::cout << outcome_json(outcome) << "\n";
        return outcome.failed() == 0 ? 0 : 1;
    }
    return told("Started", outcome, o);
}

int ve_info(const VeOptions& o) {
    const auto experiment = found(o);
    const auto [first, last] = range_of(o, experiment->present().count);
    if (last - first >= 200 && !o.yes && !o.json)
        throw Fatal(
            "this prints several lines for each of " + std::to_string(last - first + 1) +
                " environments; give a range, or --yes",
            2
        );
    const auto seen = experiment->look(first, last);
    if (o.json) {
        std::cout << info_json(seen) << "\n";
        return 0;
    }
    for (const SeenEnvironment& each : seen) {
        const std::string name = "ve" + std::to_string(each.number);
        std::cout << "state:   " << (each.pid != 0 ? "RUNNING" : "STOPPED")
                  << "\npid:     " << (each.pid != 0 ? each.pid : -1) << "\n";
        if (each.job) std::cout << name << " has " << each.job->lines << " lines in log_ping\n";
    }
    std::cout << human_size(experiment->disk_bytes()) << "\t" << shown_folder(o)
              << " --- Disk Usage of VEs\n";
    return 0;
}

int ve_stats(const VeOptions& o) {
    const auto experiment = found(o);
    const auto [first, last] = range_of(o, experiment->present().count);
    const auto seen = experiment->look(first, last);
    const ExperimentFigures figures = figures_of(seen, experiment->disk_bytes(), experiment->pings());
    if (o.json) {
        std::cout << stats_json(figures) << "\n";
    } else {
        std::cout << block_text(figures, shown_folder(o), experiment->pings(), o.legacy_label);
    }
    if (!o.html.empty()) write_page(o.html, figures, seen, shown_folder(o), experiment->pings());
    return 0;
}

int ve_stop(const VeOptions& o) {
    const auto experiment = found(o);
    const auto [first, last] = range_of(o, experiment->present().count);
    return told("Stopped", experiment->stop(first, last, span("--grace", o.grace)), o);
}

}  // namespace csim
