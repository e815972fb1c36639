#include "core/json_codec.hpp"

#include <algorithm>

namespace csim {

namespace {

/// Far above any document of ours; keeps one hostile text from taking all memory.
constexpr std::size_t text_bytes_max = std::size_t(256) << 20;

Result<Json> malformed(std::string detail) {
    return Result<Json>(boost::system::in_place_error, Error{Errc::bad_argument, std::move(detail)});
}

std::string line_and_column(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    return "line " + std::to_string(line) + ", column " + std::to_string(before.size() - line_start + 1);
}

/// The offset of the first bracket that nests too deeply, or npos.
std::size_t too_deep(std::string_view text, std::size_t depth_max) {
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') ++i;
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '[' || c == '{') {
            if (++depth > depth_max) return i;
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return std::string_view::npos;
}

}  // namespace

namespace codec {

std::string Place::pointer() const {
    if (!parent) return {};
    std::string text = parent->pointer() + '/';
    if (index != npos) return text + std::to_string(index);
    for (const char c : key) {
        if (c == '~')
            text += "~0";
        else if (c == '/')
            text += "~1";
        else
            text += c;
    }
    return text;
}

bool Decoder::expected(const Place& place, std::string_view what) {
    const std::string pointer = place.pointer();
    wrong = (pointer.empty() ? "/" : pointer) + ": expected " + std::string(what);
    return false;
}

bool Decoder::unknown_key(const Place& place, const std::string& key) {
    wrong = Place{&place, key}.pointer() + ": unknown key";
    return false;
}

bool Decoder::inner_error(const Place& place, const Error& error) {
    const std::string pointer = place.pointer();
    if (error.detail.starts_with("/:"))
        wrong = (pointer.empty() ? "/" : pointer) + error.detail.substr(1);
    else if (error.detail.starts_with('/'))
        wrong = pointer + error.detail;
    else
        wrong = (pointer.empty() ? "/" : pointer) + ": " + error.detail;
    return false;
}

bool Codec<bool>::decode(const Json& json, bool& value, const Place& place, Decoder& decoder) {
    if (!json.is_boolean()) return decoder.expected(place, "true or false");
    value = json.get<bool>();
    return true;
}

bool Codec<std::string>::decode(const Json& json, std::string& value, const Place& place, Decoder& decoder) {
    const std::string* text = json.get_ptr<const std::string*>();
    if (!text) return decoder.expected(place, "a text");
    value = *text;
    return true;
}

bool Codec<double>::decode(const Json& json, double& value, const Place& place, Decoder& decoder) {
    if (!json.is_number()) return decoder.expected(place, "a number");
    value = json.get<double>();
    return true;
}

bool Codec<Duration>::decode(const Json& json, Duration& value, const Place& place, Decoder& decoder) {
    const std::string* text = json.get_ptr<const std::string*>();
    const auto parsed = parse_duration(text ? *text : std::string());
    if (!parsed) return decoder.expected(place, "a duration such as \"250ms\" or \"10s\"");
    value = *parsed;
    return true;
}

bool Codec<SimTime>::decode(const Json& json, SimTime& value, const Place& place, Decoder& decoder) {
    const std::string* text = json.get_ptr<const std::string*>();
    const auto parsed = parse_utc_exact(text ? *text : std::string());
    if (!parsed) return decoder.expected(place, "an instant such as \"2026-11-21T01:28:12+00:00\"");
    value = *parsed;
    return true;
}

bool decode_signed(
    const Json& json, std::int64_t low, std::int64_t high, std::int64_t& value, const Place& place,
    Decoder& decoder
) {
    if (!json.is_number_integer()) return decoder.expected(place, "an integer");
    const bool fits = json.is_number_unsigned()
                          ? json.get<std::uint64_t>() <= std::uint64_t(high)
                          : json.get<std::int64_t>() >= low && json.get<std::int64_t>() <= high;
    if (!fits)
        return decoder.expected(
            place, "an integer from " + std::to_string(low) + " to " + std::to_string(high)
        );
    value = json.get<std::int64_t>();
    return true;
}

bool decode_unsigned(
    const Json& json, std::uint64_t high, std::uint64_t& value, const Place& place, Decoder& decoder
) {
    if (!json.is_number_integer()) return decoder.expected(place, "an integer");
    // A value made in the program may be a positive signed number; text always parses as unsigned.
    const bool negative = !json.is_number_unsigned() && json.get<std::int64_t>() < 0;
    if (negative || json.get<std::uint64_t>() > high)
        return decoder.expected(place, "an integer from 0 to " + std::to_string(high));
    value = json.get<std::uint64_t>();
    return true;
}

}  // namespace codec

Result<Json> parse_json(std::string_view text, std::size_t depth_max) {
    if (text.size() > text_bytes_max)
        return malformed("a text of " + std::to_string(text.size()) + " bytes is too long to be parsed");
    if (const std::size_t at = too_deep(text, depth_max); at != std::string_view::npos)
        return malformed(
            line_and_column(text, at) + ": nested more than " + std::to_string(depth_max) + " levels deep"
        );
    try {
        return Result<Json>(boost::system::in_place_value, Json::parse(text.begin(), text.end()));
    } catch (const Json::parse_error& error) {
        const std::size_t offset = error.byte > 0 ? error.byte - 1 : 0;
        return malformed(line_and_column(text, offset) + ": not valid JSON");
    } catch (const Json::exception&) {
        return malformed("a number is beyond the range of a double");
    }
}

}  // namespace csim
