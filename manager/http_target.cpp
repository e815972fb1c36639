#include "manager/http_target.hpp"

#include <algorithm>
#include <charconv>

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
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const std::size_t middle = std::min(pair.find('='), pair.size());
        if (decoded(pair.substr(0, middle)) != name) continue;
        return decoded(pair.substr(std::min(middle + 1, pair.size())));
    }
    return std::nullopt;
}

}  // namespace csim
