// Writes described structs as JSON text, or counts its bytes, without building a JSON value in between.
// The text means what to_json_value() of core/json_codec.hpp means; only the order of keys is the declared
// one.
#pragma once

#include "core/json_codec.hpp"

#include <charconv>
#include <concepts>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// A JSON value that is text already: compact, valid and pure ASCII, as its maker promises.
struct JsonText {
    std::string text = "null";

    Json to_json() const;
    static Result<JsonText> from_json(const Json& json, Strictness strictness);
    bool operator==(const JsonText&) const = default;
};

/// Takes text and keeps only its length.
struct TextCounter {
    std::size_t size = 0;
    void append(std::string_view text) { size += text.size(); }
    void push_back(char) { ++size; }
};

/// Writes a JSON string of pure ASCII; bytes that are not UTF-8 become U+FFFD.
void write_json_text(std::string& sink, std::string_view text);
void write_json_text(TextCounter& sink, std::string_view text);
void write_json_text(std::string& sink, const Json& json);
void write_json_text(TextCounter& sink, const Json& json);

namespace json_text {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
template <class T>
inline constexpr bool is_shared = false;
template <class T>
inline constexpr bool is_shared<std::shared_ptr<const T>> = true;
template <class T>
inline constexpr bool is_named_map = false;
template <class T>
inline constexpr bool is_named_map<std::map<std::string, T>> = true;

template <class Sink, class T>
void write(Sink& sink, const T& value);

template <class Sink, std::integral T>
void write_integer(Sink& sink, T value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    sink.append(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

template <class Sink, class List>
void write_list(Sink& sink, const List& list) {
    sink.push_back('[');
    bool first = true;
    for (const auto& element : list) {
        if (!first) sink.push_back(',');
        first = false;
        write(sink, element);
    }
    sink.push_back(']');
}

template <class Sink, class Map>
void write_map(Sink& sink, const Map& map) {
    sink.push_back('{');
    bool first = true;
    for (const auto& [key, element] : map) {
        if (!first) sink.push_back(',');
        first = false;
        write_json_text(sink, std::string_view(key));
        sink.push_back(':');
        write(sink, element);
    }
    sink.push_back('}');
}

template <class Sink, class T>
void write_struct(Sink& sink, const T& value) {
    using Members = boost::describe::describe_members<T, boost::describe::mod_any_access>;
    sink.push_back('{');
    bool first = true;
    boost::mp11::mp_for_each<Members>([&](auto member) {
        if (!first) sink.push_back(',');
        first = false;
        write_json_text(sink, std::string_view(member.name));
        sink.push_back(':');
        write(sink, value.*member.pointer);
    });
    sink.push_back('}');
}

template <class Sink, class T>
void write(Sink& sink, const T& value) {
    if constexpr (std::is_same_v<T, JsonText>) {
        sink.append(std::string_view(value.text));
    } else if constexpr (requires { value.to_json(); }) {
        write_json_text(sink, value.to_json());
    } else if constexpr (std::is_same_v<T, bool>) {
        sink.append(value ? std::string_view("true") : std::string_view("false"));
    } else if constexpr (std::is_integral_v<T>) {
        write_integer(sink, value);
    } else if constexpr (std::is_same_v<T, std::string>) {
        write_json_text(sink, std::string_view(value));
    } else if constexpr (is_optional<T> || is_shared<T>) {
        if (value) {
            write(sink, *value);
        } else {
            sink.append(std::string_view("null"));
        }
    } else if constexpr (is_list<T>) {
        write_list(sink, value);
    } else if constexpr (is_named_map<T>) {
        write_map(sink, value);
    } else if constexpr (boost::describe::has_describe_members<T>::value) {
        write_struct(sink, value);
    } else if constexpr (std::is_same_v<T, Json>) {
        write_json_text(sink, value);
    } else {
        write_json_text(sink, to_json_value(value));
    }
}

}  // namespace json_text
}  // namespace csim
