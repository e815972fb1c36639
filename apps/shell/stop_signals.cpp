#include "apps/shell/stop_signals.hpp"

#include <boost/asio/buffer.hpp>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>
#include <utility>

namespace csim::shell {
namespace {

constexpr long orderly_end_max = 2;  // seconds

// What a signal handler may touch.
std::atomic<int> arrivals_end{-1};
std::atomic<long> first_came{0};  // seconds of the monotonic clock, 0: none yet
std::atomic<int> repeated{0};     // the number of a signal that came again

long monotonic_seconds() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + 1;
}

void on_signal(int number) {
    const int saved = errno;
    long none = 0;
    if (!first_came.compare_exchange_strong(none, monotonic_seconds())) {
        repeated = number;
        // Whole seconds: one more than the limit means that the limit is over.
        if (monotonic_seconds() - none > orderly_end_max) _exit(128 + number);
    } else if (write(arrivals_end, "", 1) < 0) {
        _exit(128 + number);
    }
    errno = saved;
}

void handle_with(void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    for (const int number : {SIGINT, SIGTERM}) sigaction(number, &action, nullptr);
}

/// The end to read from; the other one is the handler's.
int make_arrivals() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw std::runtime_error("there is no descriptor left");
    arrivals_end = ends[1];
    return ends[0];
}

}  // namespace

StopSignals::StopSignals(boost::asio::io_context& loop, std::function<void()> on_stop)
    : arrivals_(loop, make_arrivals()), on_stop_(std::move(on_stop)) {
    first_came = 0;
    repeated = 0;
    arrivals_.async_read_some(
        boost::asio::buffer(byte_),
        [this](const boost::system::error_code& error, std::size_t) {
            if (!error) on_stop_();
        }
    );
    handle_with(on_signal);
}

StopSignals::~StopSignals() {
    // The orderly end is over: what comes now must not undo its status.
    handle_with(first_came == 0 ? SIG_DFL : SIG_IGN);
    close(arrivals_end.exchange(-1));
}

int StopSignals::exit_status(int status) {
    return repeated == 0 ? status : 128 + repeated;
}

}  // namespace csim::shell
