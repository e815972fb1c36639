// What the kernel tells of processes and of the network, read from text so that tests can bring their own.
#pragma once

#include "benchmark/measure/interval.hpp"

#include <optional>
#include <string>
#include <sys/types.h>

namespace csim {

/// The process that listens at this port of this machine, if it may be looked at.
std::optional<pid_t> listener_of(std::uint16_t port);
/// True if `host` names this machine itself.
bool is_this_machine(const std::string& host);

/// Sums of `Tcp`/`TcpExt` counters since the machine started; readings are made of differences.
KernelReading kernel_counters(
    const std::string& netstat, const std::string& snmp, const std::string& meminfo
);
KernelReading read_kernel();
KernelReading difference(const KernelReading& now, const KernelReading& before);

/// Watches one process from call to call.
class ProcessWatch {
  public:
    explicit ProcessWatch(pid_t pid) : pid_(pid) {}
    pid_t pid() const { return pid_; }
    /// `now` is any clock's seconds; rates are since the last call.
    ProcessReading read(double now);

  private:
    pid_t pid_;
    std::string born_;  ///< when the process started: another one may get its number
    double last_ = -1;
    double cpu_ = 0;
    std::map<std::string, double> threads_;
};

/// `Max open files` and the like, soft limit; 0 for unlimited or unknown.
double limit_in(const std::string& limits, const std::string& name);

}  // namespace csim
