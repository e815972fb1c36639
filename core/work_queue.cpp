#include "core/work_queue.hpp"

#include <utility>

namespace csim {

void WorkQueue::post(UniqueFunction<void()> work) {
    // Notified under the lock: the owner may destroy the queue as soon as it has the work.
    const std::lock_guard lock(mutex_);
    work_.push_back(std::move(work));
    arrived_.notify_one();
}

void WorkQueue::run_first(std::unique_lock<std::mutex> lock) {
    auto work = std::move(work_.front());
    work_.pop_front();
    lock.unlock();
    work();
}

void WorkQueue::run() {
    while (run_first_within(std::chrono::nanoseconds(0))) continue;
}

void WorkQueue::run_one() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !work_.empty(); });
    run_first(std::move(lock));
}

bool WorkQueue::run_first_within(std::chrono::nanoseconds limit) {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, limit, [this] { return !work_.empty(); })) return false;
    run_first(std::move(lock));
    return true;
}

void WorkQueue::run_batch() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !work_.empty(); });
    run_all(std::move(lock));
}

bool WorkQueue::run_within(std::chrono::nanoseconds limit) {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, limit, [this] { return !work_.empty(); })) return false;
    run_all(std::move(lock));
    return true;
}

void WorkQueue::run_all(std::unique_lock<std::mutex> lock) {
    auto taken = std::exchange(work_, {});
    lock.unlock();
    for (auto& work : taken) work();
}

}  // namespace csim
