// A real program under test: started with fork and exec, watched through its pipes, ended and reaped here.
#pragma once

#include "core/time.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace csim {

/// How long a test waits for what must happen; long, because machines that test are busy.
constexpr Duration patience = 60s;

/// What is left of a program that ended.
struct Ended {
    int status = 0;  ///< exit status; 128 + the signal's number when one ended it
    std::string out;
    std::string err;
};

struct Launch {
    std::vector<std::string> arguments;  ///< the first is the program, found in PATH if it has no slash
    std::map<std::string, std::string> environment = {};  ///< added to the test's own
    std::filesystem::path folder = {};                    ///< to work in; empty: the test's own
};

/// Killed and reaped with this object, and by the system when the test itself dies.
class Program {
  public:
    explicit Program(const Launch& launch);
    ~Program();
    Program(Program&& other) noexcept;
    Program& operator=(Program&&) = delete;

    pid_t pid() const { return pid_; }
    /// Everything printed so far, as far as a wait has read it.
    const std::string& out() const { return out_.text; }
    const std::string& err() const { return err_.text; }

    void signal(int number);
    /// Waits until standard output or standard error holds `text`. False when the program ended without it,
    /// or at the limit.
    bool wait_for(const std::string& text, Duration limit = patience);
    /// Waits for the end. A program that does not end in time is killed and counts as status -1.
    Ended wait(Duration limit = patience);
    bool running();

  private:
    struct Pipe {
        int fd = -1;
        std::string text;
    };
    /// Reads what there is, waiting for at most `limit` for anything to happen. False once both pipes ended.
    bool pump(Duration limit);
    void reap(int options);

    pid_t pid_ = -1;
    Pipe out_;
    Pipe err_;
    bool ended_ = false;
    int status_ = 0;
};

/// Starts, waits, returns.
Ended run_program(const Launch& launch, Duration limit = patience);

/// The two programs of this build.
std::string cluster_sim_path();
std::string manager_path();

/// Asks `condition` again and again, with short pauses, until it holds or the limit is reached.
template <class Condition>
bool eventually(Condition condition, Duration limit = patience);

void pause_briefly();
SimTime test_clock();

template <class Condition>
bool eventually(Condition condition, Duration limit) {
    const SimTime end = test_clock() + limit;
    while (!condition()) {
        if (test_clock() > end) return false;
        pause_briefly();
    }
    return true;
}

}  // namespace csim
