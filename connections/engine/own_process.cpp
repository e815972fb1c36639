#include "connections/engine/own_process.hpp"

#include <cstdio>
#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace csim::connections {
namespace {

/// The kernel's own count where there is one (since 6.2), for a folder of 20,000 entries is slow to list.
std::uint64_t open_descriptors() {
    struct stat status {};
    if (stat("/proc/self/fd", &status) == 0 && status.st_size > 0)
        return static_cast<std::uint64_t>(status.st_size);
    std::uint64_t count = 0;
    if (DIR* folder = opendir("/proc/self/fd")) {
        while (readdir(folder) != nullptr) ++count;
        closedir(folder);
    }
    return count > 3 ? count - 3 : 0;  // `.`, `..` and the folder itself
}

}  // namespace

OwnProcess own_process() {
    OwnProcess own;
    own.descriptors = open_descriptors();
    unsigned long size = 0, resident = 0, shared = 0;
    if (FILE* file = std::fopen("/proc/self/statm", "re")) {
        if (std::fscanf(file, "%lu %lu %lu", &size, &resident, &shared) == 3) {
            const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
            own.resident_bytes = resident * page;
            own.private_bytes = (resident - shared) * page;
        }
        std::fclose(file);
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto us = [](const timeval& span) {
        return static_cast<std::uint64_t>(span.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(span.tv_usec);
    };
    own.cpu_us = us(usage.ru_utime) + us(usage.ru_stime);
    return own;
}

}  // namespace csim::connections
