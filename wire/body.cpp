#include "wire/body.hpp"

#include "wire/json_text.hpp"

#include <nlohmann/json.hpp>

namespace csim {
namespace {

class HeldJson final : public Body::Held {
  public:
    explicit HeldJson(Json value) : value_(std::move(value)) {}

    const std::type_info& type() const override { return typeid(Json); }
    const void* value() const override { return &value_; }
    Json to_json() const override { return value_; }
    void append_to(std::string& text) const override { write_json_text(text, value_); }
    std::size_t text_size() const override {
        TextCounter counter;
        write_json_text(counter, value_);
        return counter.size;
    }

  private:
    const Json value_;
};

constexpr std::string_view no_body = "null";

}  // namespace

Body::Body(Json value) {
    if (!value.is_null()) held_ = std::make_shared<const HeldJson>(std::move(value));
}

Json Body::to_json() const {
    return held_ ? held_->to_json() : Json();
}

void Body::append_to(std::string& text) const {
    if (held_) {
        held_->append_to(text);
    } else {
        text.append(no_body);
    }
}

std::size_t Body::text_size() const {
    return held_ ? held_->text_size() : no_body.size();
}

}  // namespace csim
