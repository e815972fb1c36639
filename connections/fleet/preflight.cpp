#include "connections/fleet/preflight.hpp"

#include "connections/fleet/machine.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <sys/resource.h>
#include <thread>

namespace csim::connections {
namespace {

// Bytes, as measured on both ends (docs/connections.md).
constexpr std::uint64_t kernel_bytes = 5'100, hibernated_bytes = 350, live_bytes = 26'000,
                        in_the_making_bytes = 35'000;
constexpr std::uint64_t process_bytes = 8 << 20, window = 1024, reserve = 64;

std::uint64_t number_in(const char* file) {
    std::ifstream read(file);
    std::uint64_t value = 0;
    read >> value;
    return value;
}

/// `32768 60999`, less those in `32000,40000-40100`.
std::uint64_t ports_of(const char* range_file, const char* reserved_file) {
    std::uint64_t low = 0, high = 0, reserved = 0;
    std::ifstream(range_file) >> low >> high;
    std::ifstream file(reserved_file);
    for (std::string part; std::getline(file, part, ',');) {
        std::uint64_t from = 0, to = 0;
        char dash = 0;
        std::istringstream words(part);
        if (!(words >> from)) continue;
        to = words >> dash >> to ? to : from;
        from = std::max(from, low), to = std::min(to, high);
        if (from <= to) reserved += to - from + 1;
    }
    return high >= low && high > 0 ? high - low + 1 - reserved : 0;
}

PreflightCheck check(
    const char* name, std::uint64_t needed, std::uint64_t present, std::string advice,
    std::string to_know = ""
) {
    const bool ok = needed <= present;
    return {name, needed, present, ok, ok ? std::move(to_know) : std::move(advice)};
}

std::uint64_t with_room(std::uint64_t count) {
    return count + count / 10;
}

std::uint64_t memory_needed(const PreflightDemand& d, std::size_t workers) {
    const std::uint64_t each = d.hibernating ? hibernated_bytes : live_bytes;
    const std::uint64_t one_end = workers * process_bytes + d.connections * (each + kernel_bytes);
    return with_room(
        (d.local_server ? 2 : 1) * one_end + std::min(d.connections, window) * in_the_making_bytes
    );
}

}  // namespace

PreflightLimits read_limits() {
    PreflightLimits made;
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        made.descriptors_soft = limit.rlim_cur, made.descriptors_hard = limit.rlim_max;
    made.file_max = number_in("/proc/sys/fs/file-max");
    made.files_open = number_in("/proc/sys/fs/file-nr");
    made.epoll_watches = number_in("/proc/sys/fs/epoll/max_user_watches");
    made.ports =
        ports_of("/proc/sys/net/ipv4/ip_local_port_range", "/proc/sys/net/ipv4/ip_local_reserved_ports");
    made.backlog = number_in("/proc/sys/net/core/somaxconn");
    made.syn_backlog = number_in("/proc/sys/net/ipv4/tcp_max_syn_backlog");
    made.memory_available = kernel_memory().available_bytes;
    made.memory_cgroup = number_in("/sys/fs/cgroup/memory.max");
    made.conntrack_max = number_in("/proc/sys/net/netfilter/nf_conntrack_max");
    made.conntrack_count = number_in("/proc/sys/net/netfilter/nf_conntrack_count");
    made.pids_max = number_in("/proc/sys/kernel/pid_max");
    made.cores = std::max(1u, std::thread::hardware_concurrency());
    return made;
}

std::vector<PreflightCheck> preflight(const PreflightDemand& d, const PreflightLimits& l) {
    const std::uint64_t per_process = l.descriptors_hard > 2 * reserve
                                          ? l.descriptors_hard - reserve
                                          : std::max<std::uint64_t>(1, l.descriptors_hard / 2);
    const std::uint64_t least = std::max<std::uint64_t>(1, (d.connections + per_process - 1) / per_process);
    const std::uint64_t workers = d.workers != 0 ? d.workers : least;
    const std::uint64_t ends = (d.local_server ? 2 : 1) * d.connections;
    std::vector<PreflightCheck> made;
    const std::string enough =
        std::to_string(least) + " worker processes are enough, they are started by themselves";
    made.push_back(check(
        "descriptors of a process", (d.connections + workers - 1) / workers + reserve, l.descriptors_hard,
        "leave --workers out: " + enough, enough
    ));
    made.push_back(check(
        "descriptors of the system", with_room(ends) + l.files_open, l.file_max,
        "sysctl -w fs.file-max=" + std::to_string(with_room(ends) + l.files_open)
    ));
    made.push_back(check(
        "epoll watches", ends, l.epoll_watches, "sysctl -w fs.epoll.max_user_watches=" + std::to_string(ends)
    ));
    const std::uint64_t tuples = std::max<std::size_t>(1, d.target_ports) * l.ports * 95 / 100;
    const std::uint64_t addresses = tuples == 0 ? d.connections : (d.connections + tuples - 1) / tuples;
    made.push_back(check(
        "source addresses", addresses,
        d.local_server ? std::max<std::uint64_t>(addresses, 1) : d.source_addresses,
        "give more with --source, more target ports, or: sysctl -w net.ipv4.ip_local_port_range='1024 60999'",
        d.local_server ? "127/8 has enough, they are taken by themselves" : ""
    ));
    if (d.local_server)
        made.push_back(check(
            "accept queue", std::min(d.connections, window / 8),
            std::min(l.backlog, std::max(l.syn_backlog, l.backlog)),
            "sysctl -w net.core.somaxconn=4096, or lower --in_flight"
        ));
    const std::uint64_t memory =
        l.memory_cgroup != 0 ? std::min(l.memory_available, l.memory_cgroup) : l.memory_available;
    made.push_back(check(
        "memory", memory_needed(d, workers), memory,
        d.hibernating ? "fewer connections, or the server on another machine"
                      : "--hibernate auto, fewer connections, or the server on another machine"
    ));
    if (l.conntrack_count > 0)
        made.push_back(check(
            "connection tracking", with_room(d.connections) + l.conntrack_count, l.conntrack_max,
            "sysctl -w net.netfilter.nf_conntrack_max=" +
                std::to_string(with_room(d.connections) + l.conntrack_count)
        ));
    made.push_back(check(
        "process ids", (d.local_server ? 2 : 1) * workers + 2, l.pids_max, "sysctl -w kernel.pid_max=65536"
    ));
    return made;
}

}  // namespace csim::connections
