// Decoding of request targets. Tolerant: what cannot be decoded stays as it is.
#include "manager/rest/target.hpp"

#include <cctype>

namespace csim {

namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string decode(std::string_view text, bool plus_is_blank) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
            hex_value(text[i + 2]) >= 0) {
            decoded += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            decoded += plus_is_blank && text[i] == '+' ? ' ' : text[i];
        }
    }
    return decoded;
}

template <class Visit>
void split(std::string_view text, char at, Visit&& visit) {
    while (!text.empty()) {
        const auto end = text.find(at);
        std::string_view part = text.substr(0, end);
        if (!part.empty()) visit(part);
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
}

}  // namespace

const std::string* RestTarget::find(std::string_view name) const {
    for (auto at = query.rbegin(); at != query.rend(); ++at) {
        if (at->first == name) return &at->second;
    }
    return nullptr;
}

std::vector<std::string> RestTarget::all(std::string_view name) const {
    std::vector<std::string> values;
    for (const auto& [key, value] : query) {
        if (key == name) values.push_back(value);
    }
    return values;
}

RestTarget parse_target(std::string_view target) {
    RestTarget parsed;
    target = target.substr(0, target.find('#'));
    const auto mark = target.find('?');
    split(target.substr(0, mark), '/', [&](std::string_view part) {
        parsed.segments.push_back(decode(part, false));
    });
    if (mark == std::string_view::npos) return parsed;
    split(target.substr(mark + 1), '&', [&](std::string_view part) {
        const auto equals = part.find('=');
        std::string value = equals == std::string_view::npos ? "" : decode(part.substr(equals + 1), true);
        parsed.query.emplace_back(decode(part.substr(0, equals), true), std::move(value));
    });
    return parsed;
}

std::string percent_encode(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string encoded;
    for (unsigned char c : text) {
        if (std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~') {
            encoded += static_cast<char>(c);
        } else {
            encoded += '%';
            encoded += digits[c >> 4];
            encoded += digits[c & 15];
        }
    }
    return encoded;
}

std::vector<std::string> cookies(const std::vector<std::string>& cookie_fields, std::string_view name) {
    std::vector<std::string> values;
    for (const std::string& field : cookie_fields) {
        split(field, ';', [&](std::string_view part) {
            while (part.starts_with(' ')) part.remove_prefix(1);
            const auto equals = part.find('=');
            if (equals != std::string_view::npos && part.substr(0, equals) == name) {
                values.emplace_back(part.substr(equals + 1));
            }
        });
    }
    return values;
}

}  // namespace csim
