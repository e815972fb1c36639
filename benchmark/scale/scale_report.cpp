#include "benchmark/scale/scale_report.hpp"

#include <functional>
#include <iomanip>
#include <sstream>

namespace csim {
namespace {

constexpr double kilobyte = 1000;
constexpr double megabyte = 1e6;

/// One quantity: in the table, and among the figures when it has a name.
struct Row {
    const char* label;
    const char* figure;
    const char* unit;
    int digits;
    double (*value)(const SizeResult&);
    std::optional<double> (*target)(const SizeResult&);
};

std::optional<double> none(const SizeResult&) {
    return std::nullopt;
}

template <int value>
std::optional<double> always(const SizeResult&) {
    return value;
}

std::optional<double> seconds_to_sessions(const SizeResult& of) {
    if (of.servers == 1'000) return 10;
    return of.servers == 10'000 ? std::optional<double>(60) : std::nullopt;
}

std::optional<double> seconds_to_run(const SizeResult& of) {
    return of.servers == 10'000 ? std::optional<double>(60) : std::nullopt;
}

std::optional<double> row_three(const SizeResult&) {
    return 0.005;
}

const Row rows[] = {
    {"CPU of the simulator per server, s/min", "cpu_per_server", "s/min", 5, cpu_each, row_three},
    {"CPU of the manager per server, s/min", "manager_cpu_per_server", "s/min", 5, manager_cpu_each, none},
    {"memory of the simulator, MB", "memory", "MB", 0,
     [](const SizeResult& of) { return of.resident_bytes / megabyte; }, none},
    {"– per server, kB", "memory_per_server", "kB", 1,
     [](const SizeResult& of) { return of.resident_bytes / kilobyte / of.servers; }, none},
    {"memory of the manager, MB", "manager_memory", "MB", 0,
     [](const SizeResult& of) { return of.manager_resident_bytes / megabyte; }, none},
    {"– per server, kB", "manager_memory_per_server", "kB", 1,
     [](const SizeResult& of) { return of.manager_resident_bytes / kilobyte / of.servers; }, none},
    {"connections", "connections", "", 0, [](const SizeResult& of) { return of.connections; }, none},
    {"descriptors of the simulator", "descriptors", "", 0,
     [](const SizeResult& of) { return of.descriptors; }, none},
    {"descriptors of the manager", "manager_descriptors", "", 0,
     [](const SizeResult& of) { return of.manager_descriptors; }, none},
    {"requests per server and minute", "requests_per_server", "1/min", 2,
     [](const SizeResult& of) { return of.requests / of.minutes / of.servers; }, none},
    {"bytes per server and minute, kB", "bytes_per_server", "kB/min", 1,
     [](const SizeResult& of) { return of.bytes / kilobyte / of.minutes / of.servers; }, none},
    {"failed requests", "failures", "", 0, [](const SizeResult& of) { return of.failures; }, none},
    {"sessions lost", "sessions_lost", "", 0,
     [](const SizeResult& of) { return static_cast<double>(of.sessions_lost); }, always<0>},
    {"lag p50, ms", "lag_p50", "ms", 2, [](const SizeResult& of) { return of.lag.p50_ms; }, none},
    {"lag p99, ms", "lag_p99", "ms", 2, [](const SizeResult& of) { return of.lag.p99_ms; }, always<100>},
    {"lag max, ms", "lag_max", "ms", 1, [](const SizeResult& of) { return of.lag.max_ms; }, none},
    {"lateness of polls p50, ms", "lateness_p50", "ms", 2,
     [](const SizeResult& of) { return of.lateness.p50_ms; }, none},
    {"lateness of polls p99, ms", "lateness_p99", "ms", 2,
     [](const SizeResult& of) { return of.lateness.p99_ms; }, always<100>},
    {"lateness of polls max, ms", "lateness_max", "ms", 1,
     [](const SizeResult& of) { return of.lateness.max_ms; }, none},
    {"posts answered after p50, ms", "post_p50", "ms", 2,
     [](const SizeResult& of) { return of.posts.p50_ms; }, none},
    {"posts answered after p99, ms", "post_p99", "ms", 2,
     [](const SizeResult& of) { return of.posts.p99_ms; }, none},
    {"REST p50, ms", "rest_p50", "ms", 1, [](const SizeResult& of) { return of.rest.p50_ms; }, none},
    {"REST p99, ms", "rest_p99", "ms", 1, [](const SizeResult& of) { return of.rest.p99_ms; }, always<50>},
    {"REST errors", "rest_errors", "", 0,
     [](const SizeResult& of) { return static_cast<double>(of.rest.errors); }, always<0>},
    {"setup, s", "setup", "s", 2, [](const SizeResult& of) { return of.setup_s; }, none},
    {"all registered, s", "registered", "s", 1, [](const SizeResult& of) { return of.registered_s; }, none},
    {"– and all sessions open, s", "register_to_sessions", "s", 1,
     [](const SizeResult& of) { return of.register_to_sessions_s; }, seconds_to_sessions},
    {"– and all hosts set up, s", "register_to_managed", "s", 1,
     [](const SizeResult& of) { return of.managed_s; }, none},
    {"– CPU of the simulator for that, s", "register_cpu", "s", 1,
     [](const SizeResult& of) { return of.register_cpu_s; }, none},
    {"– CPU of the manager for that, s", "register_manager_cpu", "s", 1,
     [](const SizeResult& of) { return of.register_manager_cpu_s; }, none},
    {"start of run to serving, s", "open", "s", 2, [](const SizeResult& of) { return of.open_s; }, none},
    {"– to all sessions open, s", "run_to_sessions", "s", 1,
     [](const SizeResult& of) { return of.run_to_sessions_s; }, seconds_to_run},
    {"– CPU of the simulator for that, s", "run_cpu", "s", 1,
     [](const SizeResult& of) { return of.run_cpu_s; }, none},
    {"– CPU of the manager for that, s", "run_manager_cpu", "s", 1,
     [](const SizeResult& of) { return of.run_manager_cpu_s; }, none},
    {"orderly stop, s", "stop", "s", 1, [](const SizeResult& of) { return of.stop_s; }, none},
    {"power cuts without a return", "power_cuts_lost", "", 0,
     [](const SizeResult& of) { return double(of.disturbed.power_cuts - of.disturbed.came_back); },
     always<0>},
    {"resources that did not move", "failovers_lost", "", 0,
     [](const SizeResult& of) { return double(of.disturbed.failovers - of.disturbed.moved); }, always<0>},
    {"commands not obeyed", "commands_lost", "", 0,
     [](const SizeResult& of) { return double(of.disturbed.commands - of.disturbed.obeyed); }, always<0>},
    {"slowest command, s", "command_max", "s", 1,
     [](const SizeResult& of) { return of.disturbed.slowest_command_s; }, none},
};

const Row soak_rows[] = {
    {"memory of the simulator, %/h", "memory_slope", "%/h", 2,
     [](const SizeResult& of) { return of.memory_slope_percent; }, always<1>},
    {"memory of the manager, %/h", "manager_memory_slope", "%/h", 2,
     [](const SizeResult& of) { return of.manager_memory_slope_percent; }, always<1>},
    {"descriptors of the simulator, 1/h", "descriptors_slope", "1/h", 1,
     [](const SizeResult& of) { return of.descriptors_slope; }, none},
    {"descriptors of the manager, 1/h", "manager_descriptors_slope", "1/h", 1,
     [](const SizeResult& of) { return of.manager_descriptors_slope; }, none},
};

void add_row(BenchReport& report, const Row& row, const SizeResult& of) {
    Figure figure;
    figure.name = std::string(row.figure) + "_" + std::to_string(of.servers);
    figure.value = row.value(of);
    figure.unit = row.unit;
    figure.target = row.target(of);
    report.add(std::move(figure));
}

void write_row(std::ostream& out, const Row& row, const std::vector<SizeResult>& results) {
    out << "| " << row.label << " |";
    for (const SizeResult& of : results) {
        out << " " << std::fixed << std::setprecision(row.digits) << row.value(of);
        const auto target = row.target(of);
        if (target && row.value(of) > *target)
            out << " **> " << std::setprecision(row.digits) << *target << "**";
        out << " |";
    }
    out << "\n";
}

void write_growth(std::ostream& out, const char* what, double ratio) {
    out << what << " per server at the largest size is " << std::setprecision(2) << ratio
        << "× that at the smallest";
    out << (ratio <= 1.1 ? ": no more than linear.\n" : ": more than linear.\n");
}

}  // namespace

void add_figures(BenchReport& report, const std::vector<SizeResult>& results, bool soaked) {
    for (const SizeResult& of : results) {
        for (const Row& row : rows) add_row(report, row, of);
        if (!soaked) continue;
        for (const Row& row : soak_rows) add_row(report, row, of);
    }
    report.add({"cpu_growth", growth_ratio(results, cpu_each), "x"});
    report.add({"manager_cpu_growth", growth_ratio(results, manager_cpu_each), "x"});
}

double growth_ratio(const std::vector<SizeResult>& results, double (*cost)(const SizeResult&)) {
    if (results.empty() || cost(results.front()) == 0) return 0;
    return cost(results.back()) / cost(results.front());
}

std::string table_of(const std::vector<SizeResult>& results, bool soaked) {
    std::ostringstream out;
    out << "| servers |";
    for (const SizeResult& of : results) out << " " << of.servers << " |";
    out << "\n| --- |";
    for (std::size_t i = 0; i < results.size(); ++i) out << " --- |";
    out << "\n";
    for (const Row& row : rows) write_row(out, row, results);
    if (soaked) {
        for (const Row& row : soak_rows) write_row(out, row, results);
    }
    if (results.size() < 2) return out.str();
    out << "\n";
    write_growth(out, "CPU of the simulator", growth_ratio(results, cpu_each));
    write_growth(out, "CPU of the manager", growth_ratio(results, manager_cpu_each));
    return out.str();
}

}  // namespace csim
