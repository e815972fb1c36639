#include "runtime/namespaces/crew.hpp"

#include <csignal>

namespace csim {

void Crew::run(Job job) {
    const std::lock_guard lock(mutex_);
    if (ending_) return;
    jobs_.push_back(std::move(job));
    if (idle_ < jobs_.size() && threads_.size() < threads_max_) {
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        threads_.emplace_back([this, number = threads_.size()] { work(number); });
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
    more_.notify_one();
}

void Crew::work(std::size_t number) {
    std::unique_lock lock(mutex_);
    for (;;) {
        ++idle_;
        more_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
        --idle_;
        if (ending_) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job(number);
        job = {};
        lock.lock();
    }
}

void Crew::end() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        jobs_.clear();
    }
    more_.notify_all();
    for (std::thread& each : threads_)
        if (each.joinable()) each.join();
}

}  // namespace csim
