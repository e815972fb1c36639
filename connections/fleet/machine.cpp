#include "connections/fleet/machine.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <thread>

namespace csim::connections {
namespace {

constexpr std::size_t reserve = 64;
constexpr std::uint64_t worth_a_worker = 1000;

}  // namespace

KernelMemory kernel_memory() {
    KernelMemory made;
    std::ifstream file("/proc/meminfo");
    std::string name, unit;
    for (std::uint64_t kilobytes = 0; file >> name >> kilobytes; std::getline(file, unit)) {
        if (name == "Slab:") made.slab_bytes = kilobytes * 1024;
        if (name == "MemAvailable:") made.available_bytes = kilobytes * 1024;
    }
    return made;
}

std::size_t connections_per_process() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 900;
    const std::size_t all = std::min<std::size_t>(limit.rlim_max, 1u << 20);
    return all > 2 * reserve ? all - reserve : std::max<std::size_t>(1, all / 2);
}

std::size_t workers_for(std::uint64_t connections) {
    const std::size_t each = connections_per_process();
    const std::size_t needed = std::max<std::size_t>(1, (connections + each - 1) / each);
    const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
    const std::size_t busy = std::max<std::size_t>(1, connections / worth_a_worker);
    return std::max(needed, std::min(cores, busy));
}

}  // namespace csim::connections
