#include "sim/budget.hpp"

#include <fstream>
#include <string>
#include <sys/resource.h>
#include <time.h>

namespace csim {
namespace {

/// Descriptors that are not connections: logs, journals, listeners, timers.
constexpr std::uint64_t descriptor_reserve = 200;
/// Per agent with both its connections open: TLS state, sessions, fakes. Measured by `./dev bench
/// connections`.
constexpr std::uint64_t agent_bytes = 80'000;
constexpr std::uint64_t process_bytes = 60'000'000;

std::uint64_t number_in(const char* file, const char* key = nullptr) {
    std::ifstream in(file);
    std::string word;
    std::uint64_t value = 0;
    if (key == nullptr) return in >> value ? value : 0;
    while (in >> word) {
        if (word == key) return in >> value ? value : 0;
    }
    return 0;
}

std::uint64_t ephemeral_ports() {
    std::ifstream in("/proc/sys/net/ipv4/ip_local_port_range");
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    return in >> low >> high && high > low ? high - low + 1 : 0;
}

BudgetCheck at_least(
    std::string name, std::uint64_t needed, std::uint64_t present, const std::string& advice
) {
    const bool ok = present >= needed;
    return {std::move(name), needed, present, ok, ok ? "" : advice};
}

}  // namespace

Machine read_machine() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    timespec resolution{};
    clock_getres(CLOCK_MONOTONIC, &resolution);
    return {
        .descriptors_soft = limit.rlim_cur,
        .descriptors_hard = limit.rlim_max,
        .ports = ephemeral_ports(),
        .memory_bytes = number_in("/proc/meminfo", "MemAvailable:") * 1024,
        .backlog = number_in("/proc/sys/net/core/somaxconn"),
        .clock_resolution_ns = static_cast<std::uint64_t>(resolution.tv_sec) * 1'000'000'000 +
                               static_cast<std::uint64_t>(resolution.tv_nsec)};
}

std::vector<BudgetCheck> check_budget(const Demand& demand, const Machine& machine) {
    const auto servers = static_cast<std::uint64_t>(demand.servers);
    // The long poll of every agent stays open; the connections for reports share what is left.
    const std::uint64_t descriptors = servers + servers / 8 + descriptor_reserve;
    const std::uint64_t sides = demand.with_manager ? 2 : 1;
    std::vector<BudgetCheck> checks;
    checks.push_back(at_least(
        "descriptors", descriptors, machine.descriptors_hard,
        "raise the hard limit of open files (ulimit -Hn) or run fewer servers in one process"
    ));
    checks.push_back(at_least(
        "ports", demand.keep_alive ? servers * 2 : servers * 4, machine.ports * 200,
        "widen net.ipv4.ip_local_port_range"
    ));
    checks.push_back(at_least(
        "memory", process_bytes + sides * servers * agent_bytes, machine.memory_bytes,
        "free some memory or run fewer servers"
    ));
    checks.push_back(at_least(
        "backlog", servers < 256 ? servers : 256, machine.backlog, "raise net.core.somaxconn to at least 256"
    ));
    BudgetCheck clock{"clock_resolution_ns", 1'000'000, machine.clock_resolution_ns, true, ""};
    if (machine.clock_resolution_ns > clock.needed) {
        clock.ok = false;
        clock.advice = "the monotonic clock of this machine is too coarse for a paced run";
    }
    checks.push_back(clock);
    return checks;
}

std::uint64_t raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

}  // namespace csim
