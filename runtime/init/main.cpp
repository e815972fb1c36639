// The first process of a real node, small and static: makes itself at home, says so, does its job, reaps
// whatever is left to it, and ends in order when told to.
#include "runtime/init/init.hpp"
#include "runtime/init/settings.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <initializer_list>
#include <linux/capability.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace csim::init {
namespace {

void tell(const Settings& settings, int error, const char* call) {
    InitReport report;
    report.index = settings.index;
    report.error = error;
    std::strncpy(report.phase, call, sizeof report.phase - 1);
    // Whoever was to hear it is gone; what dies with it should not outlive it by having been made too late.
    if (::write(settings.report, &report, sizeof report) < 0 && settings.dies_with_parent) _exit(1);
}

const char* value_of(const char* argument, const char* key) {
    const auto length = std::strlen(key);
    return std::strncmp(argument, key, length) == 0 && argument[length] == '=' ? argument + length + 1
                                                                               : nullptr;
}

void drop_powers() {
    for (const int capability :
         {CAP_SYS_MODULE, CAP_MAC_ADMIN, CAP_MAC_OVERRIDE, CAP_SYS_TIME, CAP_SYS_RAWIO, CAP_SYS_BOOT})
        prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

sigset_t signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int each : {SIGCHLD, SIGTERM, SIGINT, SIGPWR, SIGUSR1}) sigaddset(&set, each);
    return set;
}

/// Whatever was open in the program that made this one is not ours to keep open.
void leave_descriptors(const Settings& settings) {
    const int null = ::open("/dev/null", O_RDWR);
    for (const int each : {0, 1, 2}) ::dup2(null, each);
    // A few of many numbers are to stay open: what lies between them goes.
    const int low = settings.maker < 0 ? settings.report : std::min(settings.maker, settings.report);
    const int high = std::max(settings.maker, settings.report);
    if (low > 3) ::close_range(3, static_cast<unsigned>(low) - 1, 0);
    if (high > low + 1) ::close_range(static_cast<unsigned>(low) + 1, static_cast<unsigned>(high) - 1, 0);
    ::close_range(static_cast<unsigned>(high) + 1, ~0U, 0);
}

/// Waits until the runtime has joined the network.
void await_release() {
    sigset_t released;
    sigemptyset(&released);
    sigaddset(&released, SIGUSR1);
    while (sigwaitinfo(&released, nullptr) < 0 && errno == EINTR) {
    }
}

void reap() {
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
}

/// Everybody else gets to end politely; the kernel kills the rest when this process ends.
[[noreturn]] void power_off() {
    kill(-1, SIGTERM);
    for (int i = 0; i < 20 && (waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD); ++i)
        poll(nullptr, 0, 10);
    _exit(0);
}

[[noreturn]] void live(const Settings& settings, int events) {
    Pinger pinger(settings);
    if (settings.pings > 0) pinger.begin();
    for (;;) {
        pollfd waits[2] = {{events, POLLIN, 0}, {pinger.descriptor(), POLLIN, 0}};
        poll(waits, pinger.descriptor() < 0 ? 1 : 2, pinger.due_ms());
        signalfd_siginfo signal{};
        while (::read(events, &signal, sizeof signal) == sizeof signal) {
            if (signal.ssi_signo == SIGCHLD) reap();
            if (signal.ssi_signo != SIGCHLD && signal.ssi_signo != SIGUSR1) power_off();
        }
        pinger.step((waits[1].revents & POLLIN) != 0);
        if (pinger.over() && settings.power_off) power_off();
    }
}

}  // namespace

Settings read_settings(int argc, char** argv) {
    Settings s;
    s.mark = argv[0];
    const struct {
        const char* key;
        const char** text;
    } texts[] = {{"name", &s.name}, {"lower", &s.lower}, {"upper", &s.upper},
                 {"work", &s.work}, {"root", &s.root},   {"address", &s.address},
                 {"hub", &s.hub},   {"mac", &s.hub_mac}, {"target", &s.target}};
    for (int i = 1; i < argc; ++i) {
        for (const auto& each : texts)
            if (const char* value = value_of(argv[i], each.key)) *each.text = value;
        if (const char* value = value_of(argv[i], "prefix")) s.prefix = std::atoi(value);
        if (const char* value = value_of(argv[i], "report")) s.report = std::atoi(value);
        if (const char* value = value_of(argv[i], "maker")) s.maker = std::atoi(value);
        if (const char* value = value_of(argv[i], "index"))
            s.index = static_cast<std::uint32_t>(std::strtoul(value, nullptr, 10));
        if (const char* value = value_of(argv[i], "pings")) s.pings = std::atoi(value);
        if (const char* value = value_of(argv[i], "interval")) s.interval_ms = std::atoll(value);
        if (std::strcmp(argv[i], "hold") == 0) s.only_network = true;
        if (std::strcmp(argv[i], "die") == 0) s.dies_with_parent = true;
        if (std::strcmp(argv[i], "power_off") == 0) s.power_off = true;
    }
    return s;
}

void refuse(const Settings& settings, const char* call) {
    tell(settings, errno, call);
    _exit(1);
}

void tell_ready(const Settings& settings) {
    tell(settings, 0, "ready");
    ::close(settings.report);
}

}  // namespace csim::init

int main(int argc, char** argv) {
    using namespace csim::init;
    Settings settings = read_settings(argc, argv);
    const sigset_t set = signals();
    sigprocmask(SIG_SETMASK, &set, nullptr);
    leave_descriptors(settings);
    if (settings.maker >= 0) settings = make_nodes(settings, argc, argv);
    setsid();
    if (settings.dies_with_parent) prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    const int events = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (events < 0) refuse(settings, "signalfd");
    if (!settings.only_network) set_up_root(settings);
    if (*settings.address != '\0') await_release();
    set_up_network(settings);
    if (!settings.only_network) {
        enter_root(settings);
        drop_powers();
    }
    await_hub(settings);
    tell_ready(settings);
    live(settings, events);
}
