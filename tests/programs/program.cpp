#include "tests/programs/program.hpp"

#include "core/event_loop.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace csim {
namespace {

struct Ends {
    int read = -1;
    int write = -1;
};

Ends make_pipe() {
    int fds[2];
    REQUIRE(pipe2(fds, O_CLOEXEC) == 0);
    return {fds[0], fds[1]};
}

int milliseconds(Duration span) {
    return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(span).count());
}

/// Everything the child needs, made before the fork: between fork and exec nothing may allocate.
struct Exec {
    explicit Exec(const Launch& launch) : arguments(launch.arguments) {
        for (char** each = environ; *each != nullptr; ++each) {
            const std::string entry = *each;
            if (!launch.environment.contains(entry.substr(0, entry.find('=')))) variables.push_back(entry);
        }
        for (const auto& [name, value] : launch.environment) variables.push_back(name + "=" + value);
        for (std::string& each : arguments) argv.push_back(each.data());
        for (std::string& each : variables) envp.push_back(each.data());
        argv.push_back(nullptr);
        envp.push_back(nullptr);
    }

    std::vector<std::string> arguments;
    std::vector<std::string> variables;
    std::vector<char*> argv;
    std::vector<char*> envp;
};

[[noreturn]] void become(const Exec& exec, const char* folder, int out, int err) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The test's own handlers must not run here for a signal that comes early.
    for (const int number : {SIGINT, SIGTERM}) std::signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    if (*folder != '\0' && chdir(folder) != 0) _exit(126);
    execvpe(exec.argv[0], exec.argv.data(), exec.envp.data());
    _exit(127);
}

}  // namespace

Program::Program(const Launch& launch) {
    const Exec exec(launch);
    const std::string folder = launch.folder.string();
    const Ends out = make_pipe();
    const Ends err = make_pipe();
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) become(exec, folder.c_str(), out.write, err.write);
    sigprocmask(SIG_SETMASK, &before, nullptr);
    close(out.write);
    close(err.write);
    out_.fd = out.read;
    err_.fd = err.read;
}

Program::Program(Program&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      out_(std::exchange(other.out_, {})),
      err_(std::exchange(other.err_, {})),
      ended_(other.ended_),
      status_(other.status_) {}

Program::~Program() {
    if (pid_ > 0 && !ended_) {
        kill(pid_, SIGKILL);
        reap(0);
    }
    for (const Pipe* each : {&out_, &err_}) {
        if (each->fd >= 0) close(each->fd);
    }
}

void Program::signal(int number) {
    if (running()) kill(pid_, number);
}

void Program::reap(int options) {
    int status = 0;
    if (ended_ || waitpid(pid_, &status, options) != pid_) return;
    ended_ = true;
    status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool Program::running() {
    reap(WNOHANG);
    return !ended_;
}

bool Program::pump(Duration limit) {
    pollfd waits[] = {{out_.fd, POLLIN, 0}, {err_.fd, POLLIN, 0}};
    if (out_.fd < 0 && err_.fd < 0) return false;
    if (poll(waits, 2, milliseconds(limit)) <= 0) return true;
    for (Pipe* each : {&out_, &err_}) {
        if (each->fd < 0 || waits[each == &out_ ? 0 : 1].revents == 0) continue;
        char buffer[8192];
        const ssize_t bytes = read(each->fd, buffer, sizeof buffer);
        if (bytes > 0) {
            each->text.append(buffer, static_cast<std::size_t>(bytes));
        } else {
            close(std::exchange(each->fd, -1));
        }
    }
    return true;
}

bool Program::wait_for(const std::string& text, Duration limit) {
    const SimTime end = wall_now() + limit;
    while (out_.text.find(text) == std::string::npos && err_.text.find(text) == std::string::npos) {
        const Duration left = end - wall_now();
        if (left <= Duration(0) || !pump(left)) return false;
    }
    return true;
}

Ended Program::wait(Duration limit) {
    const SimTime end = wall_now() + limit;
    bool in_time = true;
    while (pump(std::max(end - wall_now(), Duration(0)))) {
        if (wall_now() < end) continue;
        in_time = false;
        kill(pid_, SIGKILL);
        break;
    }
    reap(0);
    return {in_time ? status_ : -1, out_.text, err_.text};
}

Ended run_program(const Launch& launch, Duration limit) {
    return Program(launch).wait(limit);
}

std::string cluster_sim_path() {
    return CSIM_BIN_DIR "/cluster-sim";
}

std::string manager_path() {
    return CSIM_BIN_DIR "/cluster-sim-manager";
}

void pause_briefly() {
    poll(nullptr, 0, 50);
}

SimTime test_clock() {
    return wall_now();
}

}  // namespace csim
