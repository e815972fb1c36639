#include "manager/http_target.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace csim {
namespace {

std::string decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        const char* digits = text.data() + i + 1;
        const bool coded = text[i] == '%' && i + 2 < text.size() &&
                           std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
        if (coded) {
            result.push_back(static_cast<char>(byte));
            i += 2;
        } else {
            result.push_back(text[i] == '+' ? ' ' : text[i]);
        }
    }
    return result;
}

/// What stands before the first `mark` and what stands after it; all and nothing where there is none.
std::pair<std::string_view, std::string_view> cut(std::string_view text, char mark) {
    const auto* const end = text.data() + text.size();
    const auto* const found = std::find(text.data(), end, mark);
    const std::string_view before(text.data(), static_cast<std::size_t>(found - text.data()));
    if (found == end) return {before, {}};
    return {before, std::string_view(found + 1, static_cast<std::size_t>(end - found - 1))};
}

}  // namespace

std::string canonical_path(std::string_view target) {
    std::string result;
    for (const char c : target) {
        if (c == '?' || c == '#') break;
        if (c != '/' || !result.ends_with('/')) result.push_back(c);
    }
    if (!result.ends_with('/')) result.push_back('/');
    return result;
}

std::string_view query_of(std::string_view target) {
    const std::size_t mark = target.find('?');
    return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto [pair, rest] = cut(query, '&');
        const auto [key, value] = cut(pair, '=');
        if (decoded(key) == name) return decoded(value);
        query = rest;
    }
    return std::nullopt;
}

}  // namespace csim
