#include "connections/fleet/worker.hpp"

#include "connections/engine/driver.hpp"
#include "connections/fleet/message_socket.hpp"
#include "core/result.hpp"

#include <csignal>
#include <malloc.h>
#include <memory>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace csim::connections {
namespace {

constexpr Nanos report_each = second / 2;
constexpr Nanos step_limit = 20 * millisecond;
constexpr Nanos listen_each = 5 * millisecond;  // to the coordinator, and not with each event

void prepare_process() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    // Ctrl-C goes to the whole group; the coordinator decides what it means.
    for (const int number : {SIGINT, SIGTERM, SIGPIPE}) std::signal(number, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // Traffic keys are in here: nobody may look, and nothing is left in core files.
    prctl(PR_SET_DUMPABLE, 0);
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

struct Worker {
    explicit Worker(int fd) : control(fd) {}

    void obey(const Message& message) {
        switch (message.word) {
            case Word::plan:
                return take(message.bytes);
            case Word::start:
                if (driver) driver->start();
                return;
            case Word::hold:
                if (driver) driver->begin_hold();
                malloc_trim(0);
                return;
            case Word::drain:
                if (driver) driver->drain();
                draining = true;
                return;
            default:
                return;
        }
    }
    void take(const std::string& text) {
        try {
            auto assignment = parse_plan(text).value();
            driver = std::make_unique<Driver>(assignment.first, assignment.second, monotonic_now);
            control.send(Word::ready, driver->totals().packed());
        } catch (const std::exception& problem) {
            control.send(Word::error, problem.what());
        }
    }
    int run() {
        control.send(Word::hello, std::string(CSIM_VERSION) + " " + std::to_string(getpid()));
        Nanos now = 0, reported = 0, listened = 0;
        while (!control.broken() && !(draining && (!driver || driver->drained()))) {
            if (!driver || now - listened >= listen_each) {
                listened = now;
                control.pump();
                while (const auto message = control.receive()) obey(*message);
            }
            if (!driver) {
                wait_for_orders();
                continue;
            }
            driver->step(step_limit);
            now = monotonic_now();
            if (now - reported < report_each || control.wants_write()) continue;
            reported = now;
            // What handshakes took goes back to the system once there are none.
            if (const bool ramped = driver->ramped(); ramped != trimmed) {
                trimmed = ramped;
                if (ramped) malloc_trim(0);
            }
            control.send(Word::stats, driver->totals().packed());
        }
        if (control.broken()) return 1;
        control.send(Word::done, driver ? driver->totals().packed() : "");
        control.flush(10'000);
        return 0;
    }
    void wait_for_orders() const {
        pollfd waiting{control.fd(), POLLIN, 0};
        poll(&waiting, 1, 1000);
    }

    MessageSocket control;
    std::unique_ptr<Driver> driver;
    bool draining = false, trimmed = false;
};

}  // namespace

int run_worker(int control) {
    prepare_process();
    return Worker(control).run();
}

}  // namespace csim::connections
