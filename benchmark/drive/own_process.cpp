#include "benchmark/drive/own_process.hpp"

#include "benchmark/repeated_runs.hpp"

#include <filesystem>
#include <sys/resource.h>

namespace csim {

OwnProcess::OwnProcess() : cpu_(cpu_seconds()) {}

OwnReading OwnProcess::read(double now) {
    OwnReading reading;
    const double cpu = cpu_seconds();
    if (now > last_) reading.cpu_cores = (cpu - cpu_) / (now - last_);
    last_ = now, cpu_ = cpu;
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) reading.descriptors_max = static_cast<double>(limit.rlim_cur);
    std::error_code ignored;
    for (std::filesystem::directory_iterator fd("/proc/self/fd", ignored), end; !ignored && fd != end;
         fd.increment(ignored))
        ++reading.descriptors;
    return reading;
}

}  // namespace csim
