#include "benchmark/drive/proc_files.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <unistd.h>

namespace csim {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The fields of /proc/…/stat behind the program's name, which may hold spaces; the first is the state.
std::vector<std::string> stat_fields(const std::string& stat) {
    const auto name = stat.rfind(')');
    std::istringstream rest(name == std::string::npos ? "" : stat.substr(name + 1));
    return {std::istream_iterator<std::string>(rest), {}};
}

double cpu_of(const std::vector<std::string>& fields) {
    constexpr std::size_t user = 11, system = 12;
    if (fields.size() <= system) return 0;
    static const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    return (std::atof(fields[user].c_str()) + std::atof(fields[system].c_str())) / ticks;
}

/// `Name: value value` pairs of lines in twos, as in /proc/net/netstat and snmp.
double counter(const std::string& text, const std::string& group, const std::string& name) {
    std::istringstream lines(text);
    for (std::string names, values; std::getline(lines, names) && std::getline(lines, values);) {
        if (!names.starts_with(group + ":")) continue;
        std::istringstream each(names), value(values);
        for (std::string word, number; each >> word && value >> number;)
            if (word == name) return std::atof(number.c_str());
    }
    return 0;
}

double memory_line(const std::string& text, const std::string& name) {
    const auto at = text.find(name + ":");
    return at == std::string::npos ? 0 : 1024 * std::atof(text.c_str() + at + name.size() + 1);
}

std::set<std::string> listening_inodes(const std::string& table, std::uint16_t port) {
    std::set<std::string> found;
    std::istringstream lines(table);
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::vector<std::string> fields{std::istream_iterator<std::string>(words), {}};
        if (fields.size() < 10 || fields[3] != "0A") continue;
        const auto colon = fields[1].rfind(':');
        if (std::stoul(fields[1].substr(colon + 1), nullptr, 16) == port) found.insert(fields[9]);
    }
    return found;
}

}  // namespace

double limit_in(const std::string& limits, const std::string& name) {
    std::istringstream lines(limits);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(name)) return std::atof(line.c_str() + name.size());
    return 0;
}

std::optional<pid_t> listener_of(std::uint16_t port) {
    std::set<std::string> inodes = listening_inodes(slurp("/proc/net/tcp"), port);
    inodes.merge(listening_inodes(slurp("/proc/net/tcp6"), port));
    std::error_code ignored;
    for (const auto& process : fs::directory_iterator("/proc", ignored)) {
        const std::string pid = process.path().filename().string();
        if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
        std::error_code closed;
        for (fs::directory_iterator fd(process.path() / "fd", closed), end; !closed && fd != end;
             fd.increment(closed)) {
            const std::string to = fs::read_symlink(fd->path(), ignored).string();
            if (to.starts_with("socket:[") && inodes.contains(to.substr(8, to.size() - 9)))
                return static_cast<pid_t>(std::stol(pid));
        }
    }
    return std::nullopt;
}

bool is_this_machine(const std::string& host) {
    char name[256] = {};
    ::gethostname(name, sizeof name - 1);
    return host == "localhost" || host == "::1" || host.starts_with("127.") || host == name;
}

KernelReading kernel_counters(
    const std::string& netstat, const std::string& snmp, const std::string& meminfo
) {
    KernelReading reading;
    reading.listen_drops = counter(netstat, "TcpExt", "ListenOverflows");
    reading.syn_drops = counter(netstat, "TcpExt", "TCPReqQFullDrop");
    reading.retransmits = counter(snmp, "Tcp", "RetransSegs");
    reading.failed_connects = counter(snmp, "Tcp", "AttemptFails");
    reading.memory_available = memory_line(meminfo, "MemAvailable");
    reading.memory_total = memory_line(meminfo, "MemTotal");
    return reading;
}

KernelReading read_kernel() {
    return kernel_counters(slurp("/proc/net/netstat"), slurp("/proc/net/snmp"), slurp("/proc/meminfo"));
}

KernelReading difference(const KernelReading& now, const KernelReading& before) {
    KernelReading reading = now;
    reading.listen_drops -= before.listen_drops;
    reading.syn_drops -= before.syn_drops;
    reading.retransmits -= before.retransmits;
    reading.failed_connects -= before.failed_connects;
    return reading;
}

ProcessReading ProcessWatch::read(double now) {
    const fs::path folder = "/proc/" + std::to_string(pid_);
    ProcessReading reading;
    reading.known = true;
    const auto fields = stat_fields(slurp(folder / "stat"));
    constexpr std::size_t start_time = 19;
    if (fields.size() <= start_time || fields[0] == "Z" || fields[0] == "X") return reading;
    if (born_.empty()) born_ = fields[start_time];
    if (born_ != fields[start_time]) return reading;
    reading.alive = true;
    std::istringstream(slurp(folder / "statm")) >> reading.address_bytes >> reading.resident_bytes;
    const double page = static_cast<double>(::sysconf(_SC_PAGESIZE));
    reading.address_bytes *= page, reading.resident_bytes *= page;
    std::error_code ignored;
    for (fs::directory_iterator fd(folder / "fd", ignored), end; !ignored && fd != end; fd.increment(ignored))
        ++reading.descriptors;
    const std::string limits = slurp(folder / "limits");
    reading.descriptors_max = limit_in(limits, "Max open files");
    reading.address_bytes_max = limit_in(limits, "Max address space");
    const double cpu = cpu_of(fields);
    std::map<std::string, double> threads;
    double busiest = 0;
    for (fs::directory_iterator task(folder / "task", ignored), end; !ignored && task != end;
         task.increment(ignored)) {
        const std::string id = task->path().filename().string();
        const double used = cpu_of(stat_fields(slurp(task->path() / "stat")));
        threads[id] = used;
        if (threads_.contains(id)) busiest = std::max(busiest, used - threads_[id]);
    }
    if (last_ >= 0 && now > last_) {
        reading.cpu_cores = (cpu - cpu_) / (now - last_);
        reading.busiest_thread = busiest / (now - last_);
    }
    last_ = now, cpu_ = cpu, threads_ = std::move(threads);
    return reading;
}

}  // namespace csim
