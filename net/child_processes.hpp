// Other programs, run without waiting for them.
#pragma once

#include "core/event_loop.hpp"
#include "core/result.hpp"

#include <memory>
#include <string>
#include <vector>

namespace csim {

struct ChildOutput {
    int exit_status = 0;  ///< 128 and the signal's number, if a signal ended it
    std::string text;     ///< standard output and standard error, as they came; cut off at 64 KiB
};

/// Any number of programs at once. Its thread starts with the first one.
class ChildProcesses {
  public:
    /// Errors: io (it could not be started), exhausted (it took longer than its limit and was killed).
    using Done = UniqueFunction<void(Result<ChildOutput>)>;

    explicit ChildProcesses(Inbox& inbox);
    ~ChildProcesses();  ///< kills what still runs; its `done` never runs
    ChildProcesses(const ChildProcesses&) = delete;

    /// `command[0]` is the program, with its path or to be found in PATH; the rest are its arguments. It has
    /// no input, and a process group of its own. `done` runs once on the inbox's thread.
    void run(std::vector<std::string> command, Duration limit, Done done);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The path of a program in PATH or in the folders of system programs; empty if there is none.
std::string find_program(const std::string& name);

}  // namespace csim
