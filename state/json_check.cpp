#include "state/json_check.hpp"

#include "core/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace csim {

namespace {

// Printing and destroying values recurse, so depth is what a hostile file could hurt with.
// The wire allows 64; documents may wrap what came from there, and the journal wraps documents.
constexpr int depth_max = 256;

class Checker final : public Json::json_sax_t {
  public:
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool key(string_t&) override { return true; }
    bool start_object(std::size_t) override { return deeper(); }
    bool start_array(std::size_t) override { return deeper(); }
    bool end_object() override { return shallower(); }
    bool end_array() override { return shallower(); }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
        error_at_ = position;
        return false;
    }

    Error error(std::string_view text) const {
        if (depth_ > depth_max) {
            return {Errc::corrupt, "values are nested deeper than " + std::to_string(depth_max)};
        }
        const auto before = text.substr(0, std::min(text.size(), error_at_ == 0 ? 0 : error_at_ - 1));
        const auto line = std::count(before.begin(), before.end(), '\n') + 1;
        const auto column = before.size() - (before.rfind('\n') + 1) + 1;
        const auto* what = before.size() >= text.size() ? "the text ends too early" : "this is not JSON";
        return {
            Errc::corrupt,
            "line " + std::to_string(line) + " column " + std::to_string(column) + ": " + what};
    }

  private:
    bool deeper() { return ++depth_ <= depth_max; }
    bool shallower() {
        --depth_;
        return true;
    }

    int depth_ = 0;
    std::size_t error_at_ = 0;
};

}  // namespace

Result<Nothing> check_json(std::string_view text) {
    Checker checker;
    if (Json::sax_parse(text, &checker)) return Nothing{};
    return checker.error(text);
}

}  // namespace csim
