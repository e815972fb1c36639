// Child processes of a benchmark, and what processes cost.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace csim {

struct ProcessCost {
    double cpu_seconds = 0;
    std::size_t resident_bytes = 0;
};

/// Of a running process.
ProcessCost cost_of(pid_t pid);

/// A child whose standard output we read line by line. Ended when destroyed.
class ChildProcess {
  public:
    explicit ChildProcess(const std::vector<std::string>& command);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;

    pid_t pid() const { return pid_; }
    /// The next line, without its end; empty at the end of the output.
    std::string line();
    /// Everything up to the end; then waits for the child and fills in its cost.
    std::string rest(double* cpu_seconds = nullptr);

  private:
    pid_t pid_ = -1;
    int output_ = -1;
};

bool program_exists(const std::string& name);
std::string this_program();
double median(std::vector<double> values);

}  // namespace csim
