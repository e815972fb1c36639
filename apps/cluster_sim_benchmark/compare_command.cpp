// `cluster-sim-benchmark compare`: two reports side by side.
#include "apps/cluster_sim_benchmark/options.hpp"
#include "benchmark/report/compare.hpp"
#include "core/json_codec.hpp"

#include <fstream>
#include <iostream>
#include <iterator>

namespace csim {
namespace {

Json read_report(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Fatal("cannot read " + path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    auto report = parse_json(text);
    if (!report) throw Fatal(path + " is not JSON: " + report.error().detail);
    if (!report->is_object() || !report->contains("routine") || !report->contains("latency"))
        throw Fatal(path + " is no report of cluster-sim-benchmark");
    return std::move(*report);
}

}  // namespace

int compare_command(const CompareOptions& options) {
    const Json a = read_report(options.a), b = read_report(options.b);
    const ComparedRuns compared = compare_runs(a, b);
    if (options.json) {
        const Json told{
            {"rows", to_json_value(compared.rows)},
            {"warnings", compared.warnings},
            {"worse", compared.any_worse()}};
        std::cout << told.dump(2) << "\n";
    } else {
        std::cout << comparison_text(compared);
    }
    return compared.any_worse() && options.fail_when_worse ? status_threshold_failed : 0;
}

}  // namespace csim
