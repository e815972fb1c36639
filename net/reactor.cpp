#include "net/reactor.hpp"

#include "core/result.hpp"

#include <array>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <pthread.h>
#include <string>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace csim {

Reactor::Reactor(const char* thread_name)
    : thread_name_(thread_name), now_(DeadlineWheel::Clock::now()), wheel_(now_), scratch_(64u << 10) {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    epoll_event event{};
    event.events = EPOLLIN;
    if (epoll_ < 0 || wake_ < 0 || epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) {
        const std::string why = std::strerror(errno);
        if (epoll_ >= 0) ::close(epoll_);
        if (wake_ >= 0) ::close(wake_);
        throw Fatal("cannot set up network input and output: " + why);
    }
}

Reactor::~Reactor() {
    stop();
    retired_.clear();
    ::close(wake_);
    ::close(epoll_);
}

void Reactor::start() {
    assert(!thread_.joinable());
    // Signals belong to the program's own threads; a broken pipe is an error code here, never a signal.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_setname_np(thread_.native_handle(), thread_name_);
}

void Reactor::stop() {
    if (!thread_.joinable()) return;
    stopping_ = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto n = ::write(wake_, &one, sizeof one);
    thread_.join();
}

void Reactor::post(UniqueFunction<void()> work) {
    bool first;
    {
        const std::lock_guard lock(mutex_);
        first = posted_.empty();
        posted_.push_back(std::move(work));
    }
    if (!first) return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto n = ::write(wake_, &one, sizeof one);
}

int Reactor::add(int fd, std::uint32_t events, Watcher& watcher) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &watcher;
    return epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

void Reactor::change(int fd, std::uint32_t events, Watcher& watcher) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &watcher;
    epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event);
}

void Reactor::remove(int fd) {
    epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
}

void Reactor::retire(std::unique_ptr<Watcher> watcher) {
    retired_.push_back(std::move(watcher));
}

void Reactor::run() {
    while (!stopping_.load(std::memory_order_relaxed)) {
        wait_and_dispatch();
        wheel_.advance(now_);
        if (after_batch_) after_batch_();
        retired_.clear();
    }
}

void Reactor::run_posted() {
    std::uint64_t count;
    [[maybe_unused]] const auto n = ::read(wake_, &count, sizeof count);
    std::vector<UniqueFunction<void()>> work;
    {
        const std::lock_guard lock(mutex_);
        work.swap(posted_);
    }
    for (auto& item : work) item();
}

void Reactor::wait_and_dispatch() {
    std::array<epoll_event, 256> events;
    const auto sleep = wheel_.until_next(DeadlineWheel::Clock::now());
    const int count =
        epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), static_cast<int>(sleep.count()));
    now_ = DeadlineWheel::Clock::now();
    bool woken = false;
    for (int i = 0; i < count; ++i) {
        auto* watcher = static_cast<Watcher*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (watcher == nullptr) {
            woken = true;
        } else {
            watcher->ready(events[static_cast<std::size_t>(i)].events);
        }
    }
    if (woken) run_posted();
}

}  // namespace csim
