// A message body that may stay a typed value for as long as no socket is involved.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <typeinfo>
#include <utility>

namespace csim {

/// Any JSON value, or a described struct that becomes JSON only where text is needed. Immutable; copies
/// share. The default body is "no body", null on the wire, and differs from `{}`.
class Body {
  public:
    Body() = default;
    explicit Body(Json value);

    /// A body that is `value` itself in this process. T is described for the JSON codec.
    /// Implemented in wire/body_of.hpp, which makers and readers of typed bodies include.
    template <class T>
    static Body of(std::shared_ptr<const T> value);

    bool is_null() const { return held_ == nullptr; }

    /// The value this body was made of, if it was made of a T in this process.
    template <class T>
    std::shared_ptr<const T> get_if() const {
        if (held_ == nullptr || held_->type() != typeid(T)) return nullptr;
        return std::shared_ptr<const T>(held_, static_cast<const T*>(held_->value()));
    }

    /// The T inside, or decoded strictly from JSON; errors carry the path of the bad value.
    template <class T>
    Result<std::shared_ptr<const T>> as() const;

    Json to_json() const;
    /// Appends compact JSON text of pure ASCII.
    void append_to(std::string& text) const;
    /// How many bytes append_to() appends; far cheaper than making the text.
    std::size_t text_size() const;

    struct Held {
        virtual ~Held() = default;
        virtual const std::type_info& type() const = 0;
        virtual const void* value() const = 0;  ///< lives as long as this
        virtual Json to_json() const = 0;
        virtual void append_to(std::string& text) const = 0;
        virtual std::size_t text_size() const = 0;
    };
    explicit Body(std::shared_ptr<const Held> held) : held_(std::move(held)) {}

  private:
    std::shared_ptr<const Held> held_;
};

template <class T>
class InlineBody;

/// Makes bodies of one kind again and again, in the memory of the last one as soon as nobody else holds that.
/// Implemented in wire/body_of.hpp.
template <class T>
class ReusedBody {
  public:
    /// What the next body will say, to be filled in: what the last one said, or an empty T.
    T& next();
    /// Requires: next() was called. The value must not be changed before the next call of next().
    Body body() const;

  private:
    std::shared_ptr<InlineBody<T>> held_;
};

}  // namespace csim
