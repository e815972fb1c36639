// Values of trace events as compact bytes that describe themselves: digested as they are, turned into text on
// demand.
#pragma once

#include "core/time.hpp"

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <bit>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace csim {

/// A type of event: made once, lives for ever.
struct EventKind {
    std::string_view name;
    std::vector<std::string_view> fields;
    std::size_t index = 0;  ///< small and dense; differs from run to run, so never shown
};

/// Thread-safe. The same name gives the same kind.
const EventKind& register_event_kind(std::string_view name, std::vector<std::string_view> fields);

/// nullptr if no event of that name was ever registered.
const EventKind* find_event_kind(std::string_view name);

/// ` ha_label=MGS from=a to=b` of encoded fields; text with blanks or quotes is quoted.
std::string fields_text(const EventKind& kind, std::string_view encoded);

/// The encoding: a tag and its value. Numbers are 8 bytes, little end first; so is the size before a text and
/// the count before the elements of a list.
enum class FieldTag : char {
    nothing = 'n',
    yes = 'y',
    no = 'N',
    signed_number = 'i',
    unsigned_number = 'u',
    floating = 'd',
    text = 's',
    span = 'D',
    instant = 't',
    list = 'l',
};

void encode_word(std::string& out, FieldTag tag, std::uint64_t word);
void encode_text(std::string& out, std::string_view text);

template <class T>
using TraceMembers =
    boost::describe::describe_members<T, boost::describe::mod_any_access | boost::describe::mod_inherited>;

template <class E>
std::vector<std::string_view> member_names() {
    std::vector<std::string_view> names;
    boost::mp11::mp_for_each<TraceMembers<E>>([&](auto member) { names.push_back(member.name); });
    return names;
}

template <class T>
void encode_field(std::string& out, const T& value);

template <class E>
void encode_members(std::string& out, const E& event) {
    boost::mp11::mp_for_each<TraceMembers<E>>([&](auto member) { encode_field(out, event.*member.pointer); });
}

template <class T>
void encode_range(std::string& out, const T& values) {
    encode_word(out, FieldTag::list, values.size());
    for (const auto& value : values) encode_field(out, value);
}

template <class T>
inline constexpr bool is_trace_optional = false;
template <class T>
inline constexpr bool is_trace_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_trace_pair = false;
template <class A, class B>
inline constexpr bool is_trace_pair<std::pair<A, B>> = true;

/// Handles bool, integers, double, texts, Duration, SimTime, enums (described ones by name), std::optional,
/// pairs, ranges such as std::vector and std::map, and described structs inside events (as lists of their
/// values).
template <class T>
void encode_field(std::string& out, const T& value) {
    if constexpr (std::same_as<T, bool>) {
        out += static_cast<char>(value ? FieldTag::yes : FieldTag::no);
    } else if constexpr (std::signed_integral<T>) {
        encode_word(out, FieldTag::signed_number, static_cast<std::uint64_t>(std::int64_t(value)));
    } else if constexpr (std::unsigned_integral<T>) {
        encode_word(out, FieldTag::unsigned_number, value);
    } else if constexpr (std::floating_point<T>) {
        encode_word(out, FieldTag::floating, std::bit_cast<std::uint64_t>(double(value)));
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
        encode_text(out, value);
    } else if constexpr (std::same_as<T, Duration>) {
        encode_word(out, FieldTag::span, static_cast<std::uint64_t>(value.count()));
    } else if constexpr (std::same_as<T, SimTime>) {
        encode_word(out, FieldTag::instant, static_cast<std::uint64_t>(value.unix_ns()));
    } else if constexpr (std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value) {
        encode_text(out, boost::describe::enum_to_string(value, "?"));
    } else if constexpr (std::is_enum_v<T>) {
        encode_word(out, FieldTag::signed_number, static_cast<std::uint64_t>(std::int64_t(value)));
    } else if constexpr (is_trace_optional<T>) {
        if (value)
            encode_field(out, *value);
        else
            out += static_cast<char>(FieldTag::nothing);
    } else if constexpr (is_trace_pair<T>) {
        encode_word(out, FieldTag::list, 2);
        encode_field(out, value.first);
        encode_field(out, value.second);
    } else if constexpr (boost::describe::has_describe_members<T>::value) {
        encode_word(out, FieldTag::list, boost::mp11::mp_size<TraceMembers<T>>::value);
        encode_members(out, value);
    } else {
        encode_range(out, value);
    }
}

}  // namespace csim
