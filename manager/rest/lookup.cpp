// The relations that filters know.
#include "manager/rest/lookup.hpp"

#include "core/utc.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

namespace csim {

namespace {

constexpr std::array<std::string_view, 11> lookups{
    "exact", "iexact", "in", "contains", "startswith", "endswith", "gt", "gte", "lt", "lte", "isnull",
};

bool is_true(const std::string& text) {
    return text == "true" || text == "True" || text == "1";
}
bool is_null(const std::string& text) {
    return text == "none" || text == "None" || text == "nil" || text == "null";
}

std::optional<double> number(const std::string& text) {
    double value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Negative, zero or positive; nothing if the two cannot be compared.
std::optional<int> compare(const Json& value, FieldType type, const std::string& operand) {
    auto order = [](const auto& a, const auto& b) { return a < b ? -1 : (b < a ? 1 : 0); };
    if (type == FieldType::boolean) {
        const bool present = value.is_boolean() && value.get<bool>();
        return order(present, is_true(operand));
    }
    if (value.is_null() || is_null(operand))
        return value.is_null() && is_null(operand) ? std::optional(0) : std::nullopt;
    if (type == FieldType::datetime && value.is_string()) {
        auto left = parse_utc(value.get_ref<const std::string&>());
        auto right = parse_utc(operand);
        if (left && right) return order(*left, *right);
    }
    if (value.is_number()) {
        auto right = number(operand);
        if (!right) return std::nullopt;
        return order(value.get<double>(), *right);
    }
    if (value.is_boolean()) return order(value.get<bool>(), is_true(operand));
    if (value.is_string()) return order(value.get_ref<const std::string&>(), operand);
    return std::nullopt;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return text;
}

bool matches_text(const std::string& value, const std::string& lookup, const std::string& operand) {
    if (lookup == "contains") return value.find(operand) != std::string::npos;
    if (lookup == "startswith") return value.starts_with(operand);
    if (lookup == "endswith") return value.ends_with(operand);
    return lower(value) == lower(operand);
}

bool matches_in(const Json& value, FieldType type, const std::vector<std::string>& operands) {
    for (const std::string& list : operands) {
        std::istringstream parts(list);
        for (std::string part; std::getline(parts, part, ',');) {
            if (compare(value, type, part) == 0) return true;
        }
    }
    return false;
}

}  // namespace

bool is_lookup(std::string_view word) {
    return std::find(lookups.begin(), lookups.end(), word) != lookups.end();
}

bool matches(
    const Json& value, FieldType type, const std::string& lookup, const std::vector<std::string>& operands
) {
    if (lookup == "in") return matches_in(value, type, operands);
    const std::string& operand = operands.back();
    if (lookup == "isnull") return value.is_null() == is_true(operand);
    if (lookup == "contains" || lookup == "startswith" || lookup == "endswith" || lookup == "iexact") {
        return value.is_string() && matches_text(value.get_ref<const std::string&>(), lookup, operand);
    }
    const auto order = compare(value, type, operand);
    if (!order) return false;
    if (lookup == "gt") return *order > 0;
    if (lookup == "gte") return *order >= 0;
    if (lookup == "lt") return *order < 0;
    if (lookup == "lte") return *order <= 0;
    return *order == 0;
}

}  // namespace csim
