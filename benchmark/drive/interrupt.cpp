#include "benchmark/drive/interrupt.hpp"

#include <atomic>
#include <csignal>
#include <unistd.h>

namespace csim {
namespace {

std::atomic<int> count{0};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void note_signal(int) {
    if (++count >= 3) ::_exit(130);
}

}  // namespace

Interrupt::Interrupt() {
    count = 0;
    struct sigaction action {};
    action.sa_handler = note_signal;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

Interrupt::~Interrupt() {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

bool Interrupt::requested() const {
    return count >= 1;
}
bool Interrupt::insisted() const {
    return count >= 2;
}

}  // namespace csim
