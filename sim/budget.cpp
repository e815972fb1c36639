#include "sim/budget.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <time.h>

namespace csim {
namespace {

/// Descriptors that are not connections: logs, journals, listeners, timers.
constexpr std::uint64_t descriptor_reserve = 320;
/// Per agent with both its connections open: TLS state, sessions, fakes; and what the manager knows of it.
/// Measured by `./dev bench connections` and `./dev bench scale`.
constexpr std::uint64_t agent_bytes = 80'000;
constexpr std::uint64_t manager_agent_bytes = 110'000;
constexpr std::uint64_t process_bytes = 60'000'000;
/// Connections of one address that are in use or have just been closed may take so much of its ports.
constexpr double ports_share_max = 0.5;
/// Further addresses of this machine that a client tries by itself.
constexpr std::uint64_t loopback_addresses = 200;

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

namespace {

/// Every agent's long poll stays open; the connections for reports share what is left, an eighth at least.
std::uint64_t descriptors_needed(std::uint64_t servers) {
    return servers + servers / 8 + descriptor_reserve;
}

BudgetCheck descriptors(const char* name, std::uint64_t servers, const Machine& machine) {
    BudgetCheck check = at_least(
        name, descriptors_needed(servers), machine.descriptors_hard,
        "raise the hard limit of open files (ulimit -Hn, or LimitNOFILE= of a service) to " +
            std::to_string(servers * 2 + descriptor_reserve) + ", or run fewer servers in one process"
    );
    const std::uint64_t wanted = servers * 2 + descriptor_reserve;
    if (check.ok && machine.descriptors_hard < wanted) {
        const std::uint64_t kept = machine.descriptors_hard - servers - descriptor_reserve;
        check.advice = std::to_string(kept) + " of " + std::to_string(servers) +
                       " connections for reports stay open, the others take turns; a limit of " +
                       std::to_string(wanted) + " would keep all";
    }
    return check;
}

/// A connection that was closed keeps its port for a minute; with reference habits there is one a request.
std::uint64_t ports_needed(const Demand& demand) {
    const auto servers = static_cast<std::uint64_t>(demand.servers);
    return demand.keep_alive ? servers * 2 : servers * 20;
}

BudgetCheck ports(const Demand& demand, const Machine& machine) {
    const std::uint64_t addresses = demand.loopback ? loopback_addresses : demand.source_addresses;
    return at_least(
        "ports", ports_needed(demand), machine.ports * addresses,
        demand.loopback
            ? "widen net.ipv4.ip_local_port_range"
            : "widen net.ipv4.ip_local_port_range, or give this machine more addresses and name each "
              "with --source_address"
    );
}

}  // namespace

std::vector<std::string> loopback_sources(const Demand& demand, const Machine& machine) {
    std::vector<std::string> sources;
    const double each = static_cast<double>(machine.ports) * ports_share_max;
    if (!demand.loopback || each < 1) return sources;
    const auto needed = static_cast<std::uint64_t>(static_cast<double>(ports_needed(demand)) / each) + 1;
    if (needed < 2) return sources;
    for (std::uint64_t i = 1; i <= std::min(needed, loopback_addresses); ++i)
        sources.push_back("127.0.1." + std::to_string(i));
    return sources;
}

std::vector<BudgetCheck> check_budget(const Demand& demand, const Machine& machine) {
    const auto servers = static_cast<std::uint64_t>(demand.servers);
    const std::uint64_t of_manager = demand.with_manager ? process_bytes + servers * manager_agent_bytes : 0;
    std::vector<BudgetCheck> checks;
    checks.push_back(descriptors("descriptors", servers, machine));
    if (demand.with_manager) checks.push_back(descriptors("manager_descriptors", servers, machine));
    checks.push_back(ports(demand, machine));
    checks.push_back(at_least(
        "memory", process_bytes + servers * agent_bytes + of_manager, machine.memory_bytes,
        "free some memory or run fewer servers"
    ));
    if (demand.with_manager) {
        checks.push_back(at_least(
            "manager_memory", of_manager, machine.memory_bytes, "free some memory or run fewer servers"
        ));
    }
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
