// `cluster-sim-benchmark connections`: a run, its reports and its exit status.
#include "apps/cluster_sim_benchmark/mass_options.hpp"
#include "apps/cluster_sim_benchmark/options.hpp"
#include "benchmark/drive/interrupt.hpp"
#include "benchmark/mass/mass_report.hpp"
#include "benchmark/measure/thresholds.hpp"
#include "connections/fleet/worker.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <unistd.h>

namespace csim {
namespace {

using namespace connections;

constexpr int threshold_failed = 3, interrupted = 130;

std::string this_program() {
    char path[4096];
    const auto n = readlink("/proc/self/exe", path, sizeof path);
    return n > 0 ? std::string(path, static_cast<std::size_t>(n)) : "cluster-sim-benchmark";
}

void write_file(const std::string& name, const std::string& text) {
    if (name.empty()) return;
    const std::string aside = name + ".new";
    std::ofstream file(aside, std::ios::binary);
    file << text;
    file.close();
    std::error_code failed;
    if (file) std::filesystem::rename(aside, name, failed);
    if (!file || failed) throw Fatal("cannot write " + name + ": " + std::strerror(errno));
}

void write_reports(const OutputOptions& outputs, const Json& report) {
    write_file(outputs.json, report.dump(2) + "\n");
    write_file(outputs.html, mass_report_html(report));
    if (outputs.folder.empty()) return;
    write_file(outputs.folder + "/report.json", report.dump(2) + "\n");
    write_file(outputs.folder + "/report.html", mass_report_html(report));
}

/// When to print: each second on a terminal or for programs, else at growing intervals.
class Progress {
  public:
    Progress(const std::string& how, std::uint64_t connections)
        : how_(how), connections_(connections), terminal_(how == "auto" && isatty(STDERR_FILENO) == 1) {}
    ~Progress() {
        if (terminal_) std::cerr << "\r\033[K";
    }
    void tell(const Moment& moment) {
        if (how_ == "off") return;
        if (how_ == "json") {
            const Json line{
                {"at", moment.at},
                {"phase", moment.phase},
                {"held", moment.totals[Count::held]},
                {"connects_per_s", moment.connects},
                {"requests_per_s", moment.requests},
                {"drops", Totals::sum(moment.totals.drops)}};
            std::cout << line.dump() << "\n" << std::flush;
            return;
        }
        if (terminal_) {
            std::cerr << "\r\033[K" << progress_line(moment, connections_) << std::flush;
            return;
        }
        if (how_ == "auto" && moment.at < next_ && moment.phase == phase_) return;
        phase_ = moment.phase;
        next_ = moment.at + std::min(60.0, std::max(1.0, moment.at / 4));
        std::cerr << progress_line(moment, connections_) << "\n";
    }

  private:
    const std::string how_;
    const std::uint64_t connections_;
    const bool terminal_;
    double next_ = 0;
    std::string phase_;
};

int judge_thresholds(const std::vector<Threshold>& thresholds, const connections::Outcome& outcome) {
    int status = 0;
    csim::Figures figures;
    for (const auto& [name, value] : connections::figures_of(outcome)) figures[name] = value;
    for (const ThresholdOutcome& each : check_thresholds(thresholds, figures)) {
        std::cout << "  threshold " << (each.passed ? "held   " : "FAILED ") << each.threshold << "\n";
        if (!each.passed) status = threshold_failed;
    }
    return status;
}

}  // namespace

int connections_command(const MassOptions& options, const RunOptions& run) {
    RunPorts ports;
    const auto place = rank_place([](const char* name) { return std::getenv(name); }, options.rank0);
    if (!place) throw Fatal(place.error().detail, 2);
    ports.place = *place;
    ports.worker_command = {this_program(), "connections_worker"};
    ports.workers = options.workers;
    if (ports.place.rank > 0) {
        if (!follow(ports)) throw Fatal("rank 0 was lost");
        return 0;
    }
    const Plan plan = plan_of(options, run.seed);
    std::vector<Threshold> thresholds;
    for (const std::string& each : run.thresholds) {
        const auto parsed = parse_threshold(each);
        if (!parsed) throw Fatal(parsed.error().detail, 2);
        thresholds.push_back(*parsed);
    }
    check_outputs(run.outputs);
    Interrupt interrupt;
    ports.stop = [&interrupt] { return interrupt.requested(); };
    connections::Outcome outcome;
    {
        Progress progress(options.progress, plan.connections);
        ports.tell = [&progress](const Moment& moment) { progress.tell(moment); };
        outcome = lead(plan, ports);
    }
    std::cout << mass_summary(outcome);
    write_reports(run.outputs, mass_report_json(outcome));
    const int thresholds_status = judge_thresholds(thresholds, outcome);
    if (outcome.interrupted) return interrupted;
    return thresholds_status != 0 ? thresholds_status : mass_status(outcome);
}

int worker_command(const MassOptions& options) {
    return run_worker(options.control);
}

}  // namespace csim
