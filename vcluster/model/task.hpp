// Programs of simulated nodes that take simulated time: coroutines that wait for the timeline and each other.
#pragma once

#include "core/timeline.hpp"

#include <cassert>
#include <coroutine>
#include <exception>
#include <list>
#include <utility>

namespace csim::model {

/// Runs when it is awaited, or when start() is called. Destroying it in the middle ends it, and with it
/// whatever it awaits; nothing of it runs afterwards. Exceptions are mistakes of ours and end the program.
template <class T>
class Task {
  public:
    struct promise_type {
        T value{};
        std::coroutine_handle<> continuation;

        Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_always initial_suspend() noexcept { return {}; }
        struct Final {
            bool await_ready() noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) noexcept {
                const auto next = ended.promise().continuation;
                return next ? next : std::noop_coroutine();
            }
            void await_resume() noexcept {}
        };
        Final final_suspend() noexcept { return {}; }
        void return_value(T given) { value = std::move(given); }
        void unhandled_exception() { std::terminate(); }
    };

    Task() = default;
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Task& operator=(Task&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Task() {
        if (handle_) handle_.destroy();
    }

    void start() { handle_.resume(); }
    bool done() const { return handle_ && handle_.done(); }
    T& value() { return handle_.promise().value; }

    bool await_ready() const { return handle_.done(); }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) {
        handle_.promise().continuation = awaiting;
        return handle_;
    }
    T await_resume() { return std::move(handle_.promise().value); }

  private:
    explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    std::coroutine_handle<promise_type> handle_ = nullptr;
};

/// `co_await Pause(timeline, span)`.
class Pause {
  public:
    Pause(Timeline& timeline, Duration span) : timeline_(timeline), span_(span) {}
    ~Pause() { timeline_.cancel(event_); }
    Pause(const Pause&) = delete;

    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
        event_ = timeline_.after(span_, [waiting] { waiting.resume(); });
    }
    void await_resume() const {}

  private:
    Timeline& timeline_;
    Duration span_;
    EventId event_;
};

/// Something that programs wait for. Whoever waits when it happens goes on in an event of its own.
class Occasion {
  public:
    class Wait {
      public:
        Wait(Timeline& timeline, Occasion& occasion) : timeline_(timeline), occasion_(&occasion) {
            occasion.waits_.push_back(this);
        }
        ~Wait() {
            if (occasion_ != nullptr) occasion_->waits_.remove(this);
            timeline_.cancel(event_);
        }
        Wait(const Wait&) = delete;

        bool await_ready() const { return happened_; }
        void await_suspend(std::coroutine_handle<> waiting) { waiting_ = waiting; }
        void await_resume() const {}

      private:
        friend class Occasion;
        void happen() {
            occasion_ = nullptr;
            happened_ = true;
            if (waiting_) event_ = timeline_.after(Duration::zero(), [w = waiting_] { w.resume(); });
        }
        Timeline& timeline_;
        Occasion* occasion_;
        std::coroutine_handle<> waiting_;
        EventId event_;
        bool happened_ = false;
    };

    Occasion() = default;
    Occasion(const Occasion&) = delete;
    ~Occasion() { happen(); }
    void happen() {
        for (Wait* each : std::exchange(waits_, {})) each->happen();
    }

  private:
    std::list<Wait*> waits_;
};

}  // namespace csim::model
