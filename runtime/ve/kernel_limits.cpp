#include "runtime/ve/kernel_limits.hpp"

#include <algorithm>
#include <dirent.h>
#include <fstream>
#include <set>
#include <sstream>
#include <sys/resource.h>
#include <unistd.h>

namespace csim {
namespace {

std::uint64_t number_in(const std::string& path) {
    std::ifstream in(path);
    std::uint64_t value = 0;
    in >> value;
    return value;
}

std::uint64_t lines_of(const std::string& path) {
    std::ifstream in(path);
    std::uint64_t count = 0;
    for (std::string line; std::getline(in, line);) ++count;
    return count;
}

std::uint64_t memory_bytes(const std::string& key) {
    std::ifstream in("/proc/meminfo");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with(key + ":"))
            return std::strtoull(line.c_str() + key.size() + 1, nullptr, 10) * 1024;
    return 0;
}

/// The fourth word of loadavg: running/all.
std::uint64_t tasks() {
    std::ifstream in("/proc/loadavg");
    std::string word;
    for (int i = 0; i < 4; ++i) in >> word;
    return std::strtoull(word.c_str() + word.find('/') + 1, nullptr, 10);
}

std::uint64_t open_descriptors() {
    std::uint64_t count = 0;
    if (DIR* folder = ::opendir("/proc/self/fd")) {
        while (::readdir(folder) != nullptr) ++count;
        ::closedir(folder);
    }
    return count;
}

std::uint64_t descriptor_limit(bool hard) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return hard ? limit.rlim_max : limit.rlim_cur;
}

/// `uid: usage nkeys/nikeys qnkeys/maxkeys qnbytes/maxbytes`; root's is the first line that begins with 0.
std::uint64_t root_keys() {
    std::ifstream in("/proc/key-users");
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        std::string user, use, keys, quota;
        words >> user >> use >> keys >> quota;
        if (user == "0:") return std::strtoull(quota.c_str(), nullptr, 10);
    }
    return 0;
}

std::string link_text(const std::string& path) {
    char text[128];
    const auto size = ::readlink(path.c_str(), text, sizeof text);
    return size <= 0 ? "" : std::string(text, static_cast<std::size_t>(size));
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    DIR* open = ::opendir(folder.c_str());
    if (open == nullptr) return names;
    while (const dirent* each = ::readdir(open)) names.emplace_back(each->d_name);
    ::closedir(open);
    return names;
}

/// What only the processes together show: network namespaces in use, inotify instances.
struct Spread {
    std::set<std::string> networks;
    std::uint64_t inotify = 0;
};

Spread over_processes() {
    Spread found;
    for (const std::string& pid : names_in("/proc")) {
        if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
        const std::string folder = "/proc/" + pid;
        if (const std::string network = link_text(folder + "/ns/net"); !network.empty())
            found.networks.insert(network);
        for (const std::string& fd : names_in(folder + "/fd"))
            if (link_text(folder + "/fd/" + fd) == "anon_inode:inotify") ++found.inotify;
    }
    return found;
}

/// Of the fullest bridge that this network namespace has.
std::uint64_t bridge_ports() {
    std::uint64_t most = 0;
    for (const std::string& link : names_in("/sys/class/net")) {
        const auto ports = names_in("/sys/class/net/" + link + "/brif").size();
        most = std::max<std::uint64_t>(most, ports > 2 ? ports - 2 : 0);
    }
    return most;
}

constexpr const char* sys = "/proc/sys/";

KernelLimit setting(const std::string& name, std::uint64_t used, const std::string& path) {
    return {name, used, number_in(sys + path), sys + path};
}

LimitForecast forecast(
    const std::string& name, std::uint64_t needed, std::uint64_t present, const std::string& advice,
    const std::string& path = ""
) {
    const bool ok = needed <= present;
    return {name, needed, present, ok, ok ? "" : advice, path};
}

}  // namespace

std::vector<KernelLimit> read_kernel_limits() {
    const std::uint64_t memory = memory_bytes("MemTotal");
    const Spread spread = over_processes();
    return {
        setting("pids", tasks(), "kernel/pid_max"),
        {"descriptors", open_descriptors(), descriptor_limit(false)},
        setting("inotify", spread.inotify, "fs/inotify/max_user_instances"),
        setting("keyrings", root_keys(), "kernel/keys/root_maxkeys"),
        setting("neighbours", lines_of("/proc/net/arp"), "net/ipv4/neigh/default/gc_thresh3"),
        setting("mounts", lines_of("/proc/self/mounts"), "fs/mount-max"),
        setting("net_namespaces", spread.networks.size(), "user/max_net_namespaces"),
        {"bridge_ports", bridge_ports(), 1023},
        {"memory", memory - std::min(memory, memory_bytes("MemAvailable")), memory},
    };
}

std::vector<LimitForecast> foresee(std::uint64_t environments, bool network) {
    constexpr std::uint64_t bytes_each = 512u << 10, spare = 256;
    const std::string pid_max = std::string(sys) + "kernel/pid_max";
    const std::string threads_max = std::string(sys) + "kernel/threads-max";
    const std::string spaces = std::string(sys) + "user/max_net_namespaces";
    std::vector<LimitForecast> all{
        forecast(
            "pids", tasks() + environments + spare, number_in(pid_max), "raise kernel.pid_max, or use --tune",
            pid_max
        ),
        forecast(
            "threads", tasks() + environments + spare, number_in(threads_max),
            "raise kernel.threads-max, or use --tune", threads_max
        ),
        forecast(
            "descriptors", environments + spare, descriptor_limit(true),
            "raise the hard limit of open files (ulimit -Hn)"
        ),
        forecast(
            "net_namespaces", environments + 1, number_in(spaces),
            "raise user.max_net_namespaces, or use --tune", spaces
        ),
        forecast("mounts", 64, number_in(std::string(sys) + "fs/mount-max"), "raise fs.mount-max"),
        forecast(
            "memory", environments * bytes_each, memory_bytes("MemAvailable"),
            "run fewer, or on a machine with more memory"
        ),
    };
    if (network) {
        // 64 nodes a bridge, and one trunk for each bridge at the first.
        const std::uint64_t bridges = (environments + 63) / 64;
        // Environments' neighbours are permanent entries, which the table's limit does not count.
        all.push_back(forecast(
            "neighbours", lines_of("/proc/net/arp"),
            number_in(std::string(sys) + "net/ipv4/neigh/default/gc_thresh3"),
            "raise net.ipv4.neigh.default.gc_thresh3"
        ));
        all.push_back(forecast("bridge_ports", std::min<std::uint64_t>(bridges, 1023), 1023, ""));
        if (bridges > 1023)
            all.back() = forecast(
                "bridge_ports", bridges, 1023, "at most 65,472 environments have a network; use --no_network"
            );
    }
    return all;
}

void tune(const std::vector<LimitForecast>& forecasts, Ledger& ledger, const LedgerFolder& ledgers) {
    for (const LimitForecast& each : forecasts) {
        if (each.ok || each.setting.empty()) continue;
        ChangedSetting changed{
            each.setting, std::to_string(number_in(each.setting)),
            std::to_string(each.needed + each.needed / 4)};
        ledger.settings.push_back(changed);
        ledgers.save(ledger);
        std::ofstream(changed.path) << changed.ours << "\n";
        if (number_in(changed.path) < each.needed)
            throw Fatal("cannot raise " + changed.path + " to " + changed.ours + ": the kernel refuses");
    }
}

std::string nearest_limit(const std::vector<KernelLimit>& limits) {
    const KernelLimit* nearest = nullptr;
    double highest = -1;
    for (const KernelLimit& each : limits) {
        const double share =
            each.capacity == 0 ? 0 : static_cast<double>(each.used) / static_cast<double>(each.capacity);
        if (share > highest) highest = share, nearest = &each;
    }
    if (nearest == nullptr) return "unknown";
    const std::string percent = std::to_string(static_cast<int>(highest * 100)) + " %";
    if (highest >= 0.9)
        return nearest->name + " (" + percent + " of " + std::to_string(nearest->capacity) + ")";
    return "unknown (nearest: " + nearest->name + " " + percent + ")";
}

}  // namespace csim
