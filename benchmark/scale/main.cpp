// bench_scale: what a fleet costs, by its size, with the ordinary programs on both sides.
// Source: performance targets 3, 4, 5, 11 and 12.
#include "benchmark/scale/chart.hpp"
#include "benchmark/scale/scale_report.hpp"
#include "core/duration_text.hpp"
#include "sim/budget.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

namespace csim {
namespace {

const std::vector<std::string> known_options{"--servers", "--measure", "--warm_up", "--soak",
                                             "--rest",    "--json",    "--chart",   "--table"};

void check_options(const std::vector<std::string>& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == "--keep" || arguments[i] == "--hibernate") continue;
        if (std::find(known_options.begin(), known_options.end(), arguments[i]) == known_options.end())
            throw Fatal("there is no option " + arguments[i] + "; see benchmark/scale/bench.txt", 2);
        if (++i == arguments.size()) throw Fatal(arguments[i - 1] + " needs a value", 2);
    }
}

/// Seconds: plain, or as people write durations.
double seconds_option(const std::vector<std::string>& arguments, const char* name, double otherwise) {
    const auto given = bench_option(arguments, name);
    if (!given) return otherwise;
    if (const auto span = parse_duration(*given)) return std::chrono::duration<double>(*span).count();
    const double seconds = std::atof(given->c_str());
    if (seconds <= 0)
        throw Fatal(std::string(name) + " is " + *given + "; it must be a time such as 90 or 30m", 2);
    return seconds;
}

std::vector<int> sizes_option(const std::vector<std::string>& arguments) {
    std::istringstream list(bench_option(arguments, "--servers").value_or("100,1000,5000,10000"));
    std::vector<int> sizes;
    for (std::string each; std::getline(list, each, ',');) {
        sizes.push_back(std::atoi(each.c_str()));
        if (sizes.back() < 4 || sizes.back() % 4 != 0 || sizes.back() > 10'000)
            throw Fatal("--servers: each size is a multiple of 4 between 4 and 10000, not " + each, 2);
    }
    std::sort(sizes.begin(), sizes.end());
    return sizes;
}

void write(const std::string& path, const std::string& text) {
    std::ofstream file(path);
    file << text;
    file.close();
    if (!file) throw Fatal("cannot write " + path);
}

std::string command_of(const std::vector<std::string>& arguments) {
    std::string command = "./dev bench scale";
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == "--json") {
            ++i;
            continue;
        }
        command += " " + arguments[i];
    }
    return command;
}

int run(const std::vector<std::string>& arguments) {
    check_options(arguments);
    ScalePlan plan;
    plan.warm_up_s = seconds_option(arguments, "--warm_up", plan.warm_up_s);
    plan.measure_s = seconds_option(arguments, "--measure", plan.measure_s);
    plan.soak_s = seconds_option(arguments, "--soak", 0);
    plan.rest_per_second = seconds_option(arguments, "--rest", plan.rest_per_second);
    const auto has = [&](const char* flag) {
        return std::find(arguments.begin(), arguments.end(), flag) != arguments.end();
    };
    plan.keep = has("--keep");
    plan.hibernate = has("--hibernate");
    std::vector<int> sizes = sizes_option(arguments);
    const bool soaks = plan.soak_s > 0;
    if (soaks) sizes = {sizes.back()};
    raise_descriptor_limit();
    std::vector<SizeResult> results;
    for (const int servers : sizes) results.push_back(run_of_size(servers, plan));
    BenchReport report;
    report.add_command(command_of(arguments));
    add_figures(report, results, soaks);
    if (const auto path = bench_option(arguments, "--table")) write(*path, table_of(results, soaks));
    if (const auto path = bench_option(arguments, "--chart")) write(*path, chart_of(results));
    report.deliver(arguments);
    return report.all_met() ? 0 : 1;
}

}  // namespace
}  // namespace csim

int main(int argc, char** argv) {
    try {
        return csim::run({argv + 1, argv + argc});
    } catch (const csim::Fatal& error) {
        std::cerr << "scale: " << error.what() << "\n";
        return error.status;
    } catch (const std::exception& error) {
        std::cerr << "scale: " << error.what() << "\n";
        return 1;
    }
}
