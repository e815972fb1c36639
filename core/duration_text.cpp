#include "core/duration_text.hpp"

#include <array>

namespace csim {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t ns;
};

constexpr std::array<Unit, 7> units{{
    {"d", 86'400'000'000'000},
    {"h", 3'600'000'000'000},
    {"m", 60'000'000'000},
    {"s", 1'000'000'000},
    {"ms", 1'000'000},
    {"us", 1'000},
    {"ns", 1},
}};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Reads one number and unit from the front of `text`, which must be smaller than `last_unit`.
/// Accumulates downwards, because the range below zero is one larger. False: malformed or out of range.
bool take_part(std::string_view& text, std::size_t& first_unit, std::int64_t& negative_sum) {
    std::size_t length = 0;
    while (length < text.size() && is_digit(text[length])) ++length;
    const std::string_view whole = text.substr(0, length);
    std::string_view decimals;
    if (length < text.size() && text[length] == '.') {
        std::size_t end = length + 1;
        while (end < text.size() && is_digit(text[end])) ++end;
        decimals = text.substr(length + 1, end - length - 1);
        if (decimals.empty()) return false;
        length = end;
    }
    if (whole.empty()) return false;
    std::size_t name_end = length;
    while (name_end < text.size() && text[name_end] >= 'a' && text[name_end] <= 'z') ++name_end;
    const std::string_view name = text.substr(length, name_end - length);
    text.remove_prefix(name_end);
    while (first_unit < units.size() && units[first_unit].name != name) ++first_unit;
    if (first_unit == units.size()) return false;

    std::int64_t scale = units[first_unit++].ns;
    std::int64_t count = 0;
    for (const char digit : whole)
        if (__builtin_mul_overflow(count, 10, &count) || __builtin_sub_overflow(count, digit - '0', &count))
            return false;
    if (__builtin_mul_overflow(count, scale, &count)) return false;
    if (__builtin_add_overflow(negative_sum, count, &negative_sum)) return false;
    for (const char digit : decimals) {
        // 1 d has 14 decimal zeros but is not a power of ten: what does not divide cannot be exact.
        if (digit != '0' && scale % 10 != 0) return false;
        scale /= 10;
        if (__builtin_sub_overflow(negative_sum, (digit - '0') * scale, &negative_sum)) return false;
    }
    return true;
}

}  // namespace

std::string duration_text(Duration span) {
    const std::int64_t ns = span.count();
    if (ns == 0) return "0s";
    for (std::size_t i = 1; i < units.size(); ++i)
        if (ns % units[i].ns == 0) return std::to_string(ns / units[i].ns) + std::string(units[i].name);
    return {};
}

Result<Duration> parse_duration(std::string_view text) {
    const Error malformed{Errc::bad_argument, "expected a duration such as \"250ms\", \"10s\" or \"1h30m\""};
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (text.empty()) return malformed;
    std::size_t first_unit = 0;
    std::int64_t negative_sum = 0;
    while (!text.empty())
        if (!take_part(text, first_unit, negative_sum)) return malformed;
    if (negative) return Duration(negative_sum);
    if (negative_sum == INT64_MIN) return malformed;
    return Duration(-negative_sum);
}

}  // namespace csim
