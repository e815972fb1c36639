// The queue behind EventLoop::post().
#pragma once

#include "core/unique_function.hpp"

#include <atomic>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace csim {

/// What other threads left, taken over in whole batches.
class PostedWork {
  public:
    /// True if the reader must be woken: it has not been since it last took everything.
    bool add(UniqueFunction<void()> work) {
        const std::lock_guard lock(mutex_);
        incoming_.push_back(std::move(work));
        return !waiting_.exchange(true, std::memory_order_release);
    }

    bool any() const { return next_ < taken_.size() || waiting_.load(std::memory_order_acquire); }

    /// The next piece of work in order of arrival. Requires any().
    UniqueFunction<void()> take() {
        if (next_ == taken_.size()) {
            taken_.clear();
            next_ = 0;
            const std::lock_guard lock(mutex_);
            taken_.swap(incoming_);
            waiting_.store(false, std::memory_order_relaxed);
        }
        return std::move(taken_[next_++]);
    }

  private:
    std::mutex mutex_;
    std::vector<UniqueFunction<void()>> incoming_;
    std::atomic<bool> waiting_{false};
    std::vector<UniqueFunction<void()>> taken_;  // with next_: the reader's own
    std::size_t next_ = 0;
};

}  // namespace csim
