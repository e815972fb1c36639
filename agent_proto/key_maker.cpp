#include "agent_proto/key_maker.hpp"

#include "core/event_loop.hpp"

#include <cassert>
#include <utility>

namespace csim {

KeyMaker::KeyMaker(Inbox& worlds_thread, unsigned threads)
    : worlds_thread_(worlds_thread), self_(std::make_shared<KeyMaker*>(this)) {
    assert(threads > 0);
    for (unsigned thread = 0; thread < threads; ++thread) threads_.emplace_back([this] { work(); });
}

KeyMaker::~KeyMaker() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        jobs_.clear();
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    *self_ = nullptr;
}

void KeyMaker::make(std::string fqdn, KeyKind kind, Done done) {
    ++pending_;
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back({std::move(fqdn), kind, std::move(done)});
    }
    wake_.notify_one();
}

Result<std::string> KeyMaker::make_request(const std::string& fqdn, const std::string& key_pem) {
    return make_csr(fqdn, key_pem);
}

void KeyMaker::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
        if (ending_) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        hand_over(std::move(job.done), make_identity(job.fqdn, job.kind));
        lock.lock();
    }
}

/// Runs on a worker. The pointer inside `self_` is read on the world's thread only.
void KeyMaker::hand_over(Done done, Result<Identity> identity) {
    worlds_thread_.post([self = self_, done = std::move(done), identity = std::move(identity)]() mutable {
        if (*self == nullptr) return;
        --(*self)->pending_;
        done(std::move(identity));
    });
}

}  // namespace csim
