// A program in a node's namespaces: two forks, three pipes, and an end to waiting.
#include "runtime/namespaces/node_user.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace csim {
namespace {

constexpr std::size_t output_max = 64u << 20;

/// Both ends of a pipe, closed with the object.
struct Pipe {
    std::array<int, 2> ends{-1, -1};
    Pipe() { [[maybe_unused]] const int failed = ::pipe2(ends.data(), O_CLOEXEC); }
    ~Pipe() { close(0), close(1); }
    void close(std::size_t end) {
        if (ends[end] >= 0) ::close(std::exchange(ends[end], -1));
    }
};

struct Plan {
    int node = -1;
    const char* folder = "/";
    char* const* arguments = nullptr;
    char* const* environment = nullptr;
    int in = -1, out = -1, err = -1;
    NodeUser user = {};
    bool detached = false;
    std::uint64_t without_capabilities = 0;
};

/// The program of this helper, for whoever ends the helper before its time.
volatile pid_t helped = 0;

// Only calls that are safe between fork and exec in a program with threads.
[[noreturn]] void become(const Plan& plan) {
    ::setsid();
    if (!plan.detached) ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    ::signal(SIGTERM, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (int each = 0; each < 64; ++each)
        if ((plan.without_capabilities >> each & 1) != 0) ::prctl(PR_CAPBSET_DROP, each, 0, 0, 0);
    if (plan.detached) {
        const int nowhere = ::open("/dev/null", O_RDWR);
        ::dup2(nowhere, 0), ::dup2(nowhere, 1), ::dup2(nowhere, 2);
    }
    const NodeUser& user = plan.user;
    if (user.uid != 0 || user.gid != 0) {
        if (::setgroups(user.groups.size(), user.groups.data()) != 0) ::_exit(126);
        if (::setresgid(user.gid, user.gid, user.gid) != 0) ::_exit(126);
        if (::setresuid(user.uid, user.uid, user.uid) != 0) ::_exit(126);
    }
    if (::chdir(plan.folder) != 0) ::_exit(126);
    ::execvpe(plan.arguments[0], plan.arguments, plan.environment);
    ::_exit(errno == ENOENT || errno == ENOTDIR ? 127 : 126);
}

// The helper enters the namespaces; only its children are in the node's processes.
[[noreturn]] void help(const Plan& plan) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    constexpr int all = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS;
    if (::setns(plan.node, all) != 0) ::_exit(125);
    ::dup2(plan.in, 0), ::dup2(plan.out, 1), ::dup2(plan.err, 2);
    // Whatever else is open belongs to other work: an end that stayed open here would keep others waiting.
    ::close_range(3, ~0U, 0);
    const pid_t child = ::fork();
    if (child < 0) ::_exit(125);
    if (child == 0) become(plan);
    if (plan.detached) ::_exit(0);
    helped = child;
    // Whatever it has started goes with it, as far as it stayed in its group.
    ::signal(SIGTERM, [](int) {
        ::kill(-helped, SIGKILL);
        ::_exit(137);
    });
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int fd : {0, 1, 2}) ::close(fd);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    ::_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (std::string& each : texts) all.push_back(each.data());
    all.push_back(nullptr);
    return all;
}

/// Children that the program left in the background may hold its output open: so much silence ends it.
constexpr std::int64_t silence_ns = 200'000'000;

/// Feeds and drains the pipes until both outputs have ended, or until the program has and nothing more comes.
/// False when time is up.
bool pump(
    Pipe& in, Pipe& out, Pipe& err, const std::string& input, ExecResult& result, std::int64_t end,
    const std::atomic<bool>& cancelled, int helper
) {
    std::int64_t silent_since = 0;
    std::size_t fed = 0;
    if (input.empty()) in.close(1);
    std::vector<char> room(64u << 10);
    while (out.ends[0] >= 0 || err.ends[0] >= 0) {
        pollfd waits[4] = {
            {in.ends[1], POLLOUT, 0},
            {out.ends[0], POLLIN, 0},
            {err.ends[0], POLLIN, 0},
            {silent_since == 0 ? helper : -1, POLLIN, 0}};
        ::poll(waits, 4, 50);
        if (cancelled || (end > 0 && monotonic_ns() > end)) return false;
        const bool heard = waits[1].revents != 0 || waits[2].revents != 0;
        if (waits[3].revents != 0 || (silent_since != 0 && heard)) silent_since = monotonic_ns();
        if (silent_since != 0 && !heard && monotonic_ns() - silent_since > silence_ns) return true;
        if (waits[0].revents != 0) {
            const auto n =
                ::write(in.ends[1], input.data() + fed, std::min<std::size_t>(input.size() - fed, 65536));
            if (n > 0) fed += static_cast<std::size_t>(n);
            if (fed == input.size() || (n < 0 && errno != EAGAIN)) in.close(1);
        }
        for (const int i : {1, 2}) {
            if (waits[i].revents == 0) continue;
            Pipe& from = i == 1 ? out : err;
            std::string& to = i == 1 ? result.out : result.err;
            const auto n = ::read(from.ends[0], room.data(), room.size());
            if (n > 0 && to.size() < output_max) to.append(room.data(), static_cast<std::size_t>(n));
            if (n == 0 || (n < 0 && errno != EAGAIN)) from.close(0);
        }
    }
    return true;
}

}  // namespace

NodeResult<ExecResult> run_in(
    const NodeProcess& node, const ExecSpec& spec, Duration limit, const std::atomic<bool>& cancelled
) {
    std::vector<std::string> arguments = spec.command, environment;
    auto variables = spec.environment;
    variables.try_emplace("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    for (const auto& [name, value] : variables) environment.push_back(name + "=" + value);
    auto argument_pointers = pointers(arguments), environment_pointers = pointers(environment);
    if (arguments.empty()) return ExecResult{127, "", "no command\n"};
    const auto user = find_user(node, spec.user);
    if (!user) return user.error();
    Pipe in, out, err;
    const std::string folder = spec.folder.empty() ? "/" : spec.folder;
    const Plan plan{
        node.fd(),
        folder.c_str(),
        argument_pointers.data(),
        environment_pointers.data(),
        in.ends[0],
        out.ends[1],
        spec.merged ? out.ends[1] : err.ends[1],
        *user,
        spec.detached,
        spec.without_capabilities};
    const pid_t helper = ::fork();
    if (helper == 0) help(plan);
    if (helper < 0)
        return NodeError{
            NodeError::Kind::limit, NodePhase::exec, limit_behind(errno, "fork"), std::strerror(errno)};
    in.close(0), out.close(1), err.close(1);
    ::fcntl(in.ends[1], F_SETFL, O_NONBLOCK);
    ExecResult result;
    const std::int64_t end = limit > Duration::zero() ? monotonic_ns() + limit.count() : 0;
    const auto watched = static_cast<int>(::syscall(SYS_pidfd_open, helper, 0));
    const bool ended = pump(in, out, err, spec.input, result, end, cancelled, watched);
    if (watched >= 0) ::close(watched);
    if (!ended) ::kill(helper, SIGTERM);
    int status = 0;
    while (::waitpid(helper, &status, 0) < 0 && errno == EINTR) {
    }
    if (!ended)
        return NodeError{
            cancelled ? NodeError::Kind::cancelled : NodeError::Kind::timeout, NodePhase::exec, "exec",
            spec.command[0] + " was killed"};
    result.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (result.status == 125 && node.has_ended())
        return NodeError{NodeError::Kind::busy, NodePhase::exec, "setns", "the node has ended"};
    return result;
}

}  // namespace csim
