#include "core/hex.hpp"

#include <cstdint>

namespace csim {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char c) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    const std::size_t found = hex_digits.find(c);
    return found == std::string_view::npos ? -1 : int(found);
}

}  // namespace

std::string hex_text(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += hex_digits[byte >> 4];
        text += hex_digits[byte & 15];
    }
    return text;
}

Result<std::string> parse_hex(std::string_view text) {
    const Error malformed{Errc::bad_argument, "expected pairs of hexadecimal digits"};
    if (text.size() % 2 != 0) return malformed;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]), low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return malformed;
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

std::string base64_text(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::string_view group = bytes.substr(i, 3);
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8 | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k)
            text += k <= group.size() ? base64_digits[(bits >> (18 - 6 * k)) & 63] : '=';
    }
    return text;
}

Result<std::string> parse_base64(std::string_view text) {
    const Error malformed{Errc::bad_argument, "expected base64 text with padding"};
    if (text.size() % 4 != 0) return malformed;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        const std::string_view group = text.substr(i, 4);
        const bool last = i + 4 == text.size();
        const std::size_t digits = !last ? 4 : group.ends_with("==") ? 2 : group.ends_with("=") ? 3 : 4;
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const std::size_t value = k < digits ? base64_digits.find(group[k]) : 0;
            if (value == std::string_view::npos) return malformed;
            bits = bits << 6 | std::uint32_t(value);
        }
        if ((digits == 2 && (bits & 0xffff) != 0) || (digits == 3 && (bits & 0xff) != 0)) return malformed;
        for (std::size_t k = 0; k + 1 < digits; ++k) bytes += static_cast<char>(bits >> (16 - 8 * k) & 0xff);
    }
    return bytes;
}

}  // namespace csim
