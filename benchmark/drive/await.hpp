// Waiting, on a thread that has nothing else to do, for what another thread will say.
#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace csim {

/// A value on its way from one thread to another. Copies are the same place; whoever stops waiting may leave.
template <class T>
class Awaited {
  public:
    void set(Result<T> value) const {
        const std::lock_guard lock(state_->mutex);
        state_->value = std::move(value);
        state_->arrived.notify_all();
    }
    /// nullopt when `give_up` said so, or after `limit`. It is asked ten times a second.
    std::optional<Result<T>> wait(Duration limit, const std::function<bool()>& give_up) const {
        const auto end = std::chrono::steady_clock::now() + limit;
        std::unique_lock lock(state_->mutex);
        while (!state_->value) {
            if (std::chrono::steady_clock::now() >= end || give_up()) return std::nullopt;
            state_->arrived.wait_for(lock, std::chrono::milliseconds(100));
        }
        return std::move(state_->value);
    }

  private:
    struct State {
        std::mutex mutex;
        std::condition_variable arrived;
        std::optional<Result<T>> value;
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace csim
