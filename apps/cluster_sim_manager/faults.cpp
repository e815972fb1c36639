#include "apps/cluster_sim_manager/faults.hpp"

#include "core/result.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <filesystem>
#include <fstream>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

namespace csim {
namespace {

rlim_t descriptors_open() {
    rlim_t count = 0;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd"))
        count += each.exists() ? 1 : 0;
    return count;
}

rlim_t address_space() {
    rlim_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

void set_limit(__rlimit_resource what, rlim_t value) {
    const rlimit limit{value, value};
    if (setrlimit(what, &limit) != 0) throw Fatal("the system refused a limit of this process");
}

}  // namespace

void add_fault_options(CLI::App& app, ManagerFaults& faults) {
    app.add_option("--fault_delay_per_host", faults.delay_per_host_ms, "ms")
        ->check(CLI::NonNegativeNumber)
        ->group("");
    app.add_option("--fault_drain_rate", faults.drain_rate, "1/s")->check(CLI::NonNegativeNumber)->group("");
    app.add_option("--fault_descriptors", faults.descriptors, "more than at the start")->group("");
    app.add_option("--fault_memory", faults.memory_mib, "MiB more than at the start")->group("");
    app.add_option("--fault_leak", faults.leak_kib, "KiB for each request of the API")->group("");
}

void limit_process(const ManagerFaults& faults) {
    if (faults.descriptors) set_limit(RLIMIT_NOFILE, descriptors_open() + *faults.descriptors);
    // A thread's own arena would reserve 64 MiB of address space, used or not: all that there is.
    if (faults.memory_mib) mallopt(M_ARENA_MAX, 1);
    if (faults.memory_mib) set_limit(RLIMIT_AS, address_space() + (rlim_t(*faults.memory_mib) << 20));
}

}  // namespace csim
