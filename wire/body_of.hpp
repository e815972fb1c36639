// How a described struct becomes a message body and is found in one again. Included by the makers and readers
// of typed bodies only, because it pulls in the JSON codec.
#pragma once

#include "core/json_codec.hpp"
#include "wire/body.hpp"
#include "wire/json_text.hpp"

#include <atomic>

namespace csim {
namespace body {

/// A struct that stays what it is until somebody asks for text.
template <class T>
class HeldStruct final : public Body::Held {
  public:
    explicit HeldStruct(std::shared_ptr<const T> value) : value_(std::move(value)) {}

    const std::type_info& type() const override { return typeid(T); }
    const void* value() const override { return value_.get(); }
    Json to_json() const override { return to_json_value(*value_); }
    void append_to(std::string& text) const override { json_text::write(text, *value_); }
    std::size_t text_size() const override {
        TextCounter counter;
        json_text::write(counter, *value_);
        return counter.size;
    }

  private:
    std::shared_ptr<const T> value_;
};

}  // namespace body

/// A struct inside the body, so that both are one piece of memory.
template <class T>
class InlineBody final : public Body::Held {
  public:
    T inside;

    const std::type_info& type() const override { return typeid(T); }
    const void* value() const override { return &inside; }
    Json to_json() const override { return to_json_value(inside); }
    void append_to(std::string& text) const override { json_text::write(text, inside); }
    std::size_t text_size() const override {
        TextCounter counter;
        json_text::write(counter, inside);
        return counter.size;
    }
};

template <class T>
T& ReusedBody<T>::next() {
    // The fence pairs with the release of whoever let go last, perhaps on another thread.
    if (held_ != nullptr && held_.use_count() == 1) {
        std::atomic_thread_fence(std::memory_order_acquire);
    } else {
        held_ = std::make_shared<InlineBody<T>>();
    }
    return held_->inside;
}

template <class T>
Body ReusedBody<T>::body() const {
    return Body(std::shared_ptr<const Body::Held>(held_));
}

template <class T>
Body Body::of(std::shared_ptr<const T> value) {
    return Body(std::shared_ptr<const Held>(std::make_shared<const body::HeldStruct<T>>(std::move(value))));
}

template <class T>
Result<std::shared_ptr<const T>> Body::as() const {
    if (auto held = get_if<T>()) return held;
    const auto json = get_if<Json>();
    auto decoded = from_json_value<T>(json ? *json : to_json(), Strictness::exact);
    if (!decoded) return decoded.error();
    return std::make_shared<const T>(*std::move(decoded));
}

}  // namespace csim
