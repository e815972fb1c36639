#include "manager/signing_pool.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace csim {

struct SigningPool::Queue : std::enable_shared_from_this<Queue> {
    struct Task {
        Work work;
        Done done;
    };

    explicit Queue(Inbox& to) : inbox(to) {}

    void work_until_closed() {
        for (;;) {
            std::unique_lock lock(mutex);
            waiting.wait(lock, [&] { return closed || !tasks.empty(); });
            if (closed) return;
            Task task = std::move(tasks.front());
            tasks.pop_front();
            lock.unlock();
            hand_back(task.work(), std::move(task.done));
        }
    }

    void hand_back(Result<SignedCertificate> result, Done done) {
        inbox.post([self = weak_from_this(), result = std::move(result), done = std::move(done)]() mutable {
            // The pool lives on the world's thread, where this runs: it cannot go away halfway.
            const auto queue = self.lock();
            if (queue && !queue->closed) done(std::move(result));
        });
    }

    Inbox& inbox;
    std::mutex mutex;
    std::condition_variable waiting;
    std::deque<Task> tasks;
    bool closed = false;
    std::vector<std::thread> threads;
};

SigningPool::SigningPool(Inbox& inbox, std::size_t threads) : queue_(std::make_shared<Queue>(inbox)) {
    for (std::size_t i = 0; i < threads; ++i) {
        queue_->threads.emplace_back([queue = queue_.get()] { queue->work_until_closed(); });
    }
}

SigningPool::~SigningPool() {
    {
        const std::lock_guard lock(queue_->mutex);
        queue_->closed = true;
    }
    queue_->waiting.notify_all();
    for (std::thread& thread : queue_->threads) thread.join();
}

void SigningPool::run(Work work, Done done) {
    if (queue_->threads.empty()) return done(work());
    {
        const std::lock_guard lock(queue_->mutex);
        queue_->tasks.push_back({std::move(work), std::move(done)});
    }
    queue_->waiting.notify_one();
}

}  // namespace csim
