#include "apps/cluster_sim/undoable.hpp"

#include "core/result.hpp"

#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace csim {
namespace {

sigset_t watched() {
    sigset_t set;
    sigemptyset(&set);
    for (const int each : {SIGINT, SIGTERM, SIGCHLD}) sigaddset(&set, each);
    return set;
}

[[noreturn]] void be_the_worker(const std::function<int()>& work, const sigset_t& before, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    int status = 1;
    try {
        status = work();
    } catch (const Fatal& failure) {
        std::cerr << "cluster-sim: " << failure.what() << "\n";
        status = failure.status;
    } catch (const std::exception& failure) {
        std::cerr << "cluster-sim: " << failure.what() << "\n";
    }
    std::cout.flush();
    std::fflush(nullptr);
    ::_exit(status);
}

}  // namespace

int run_undoable(const std::function<int()>& work, const std::function<void()>& undo) {
    const sigset_t set = watched();
    sigset_t before;
    ::sigprocmask(SIG_BLOCK, &set, &before);
    std::cout.flush();
    const pid_t parent = ::getpid(), worker = ::fork();
    if (worker == 0) be_the_worker(work, before, parent);
    if (worker < 0) throw Fatal("there is no further process to be had");
    int ended_by = 0, status = 0;
    while (::waitpid(worker, &status, WNOHANG) == 0) {
        siginfo_t arrived{};
        if (::sigwaitinfo(&set, &arrived) < 0 || arrived.si_signo == SIGCHLD) continue;
        ended_by = arrived.si_signo;
        ::kill(worker, SIGKILL);
    }
    if (WIFSIGNALED(status) && ended_by == 0) ended_by = WTERMSIG(status);
    // A worker that was through when the signal came has left what it was to leave.
    if (WIFSIGNALED(status)) undo();
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    return WIFSIGNALED(status) ? 128 + ended_by : WEXITSTATUS(status);
}

}  // namespace csim
