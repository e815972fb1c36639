// Text that many messages say: copies share it, and whoever compares two copies of one text looks at no byte.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace csim {

/// Immutable; empty by default. Reads as a string everywhere. Copies may live on several threads.
class SharedText {
  public:
    SharedText() = default;
    SharedText(std::string text)
        : held_(text.empty() ? nullptr : std::make_shared<const std::string>(std::move(text))) {}
    SharedText(std::string_view text) : SharedText(std::string(text)) {}
    SharedText(const char* text) : SharedText(std::string(text)) {}

    const std::string& str() const { return held_ != nullptr ? *held_ : nothing(); }
    operator const std::string&() const { return str(); }
    operator std::string_view() const { return str(); }
    std::size_t size() const { return str().size(); }
    bool empty() const { return held_ == nullptr; }
    /// Both are the same text in memory. Equal texts need not be.
    bool shares(const SharedText& other) const { return held_ == other.held_; }

    friend bool operator==(const SharedText& one, const SharedText& other) {
        return one.held_ == other.held_ || one.str() == other.str();
    }
    template <std::convertible_to<std::string_view> Text>
    requires(!std::same_as<Text, SharedText>) friend bool operator==(
        const SharedText& one, const Text& other
    ) {
        return std::string_view(one.str()) == std::string_view(other);
    }
    friend std::ostream& operator<<(std::ostream& out, const SharedText& text) { return out << text.str(); }

  private:
    static const std::string& nothing() {
        static const std::string none;
        return none;
    }
    std::shared_ptr<const std::string> held_;
};

}  // namespace csim
