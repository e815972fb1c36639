// How the codec of core/json_codec.hpp walks values, enums and structs. Included by it; not for direct use.
#pragma once

#include "core/duration_text.hpp"
#include "core/utc.hpp"

#include <boost/mp11.hpp>

#include <concepts>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

namespace csim::codec {

/// Where in a document a value stands: a chain of steps on the stack, made into text only for an error.
struct Place {
    const Place* parent = nullptr;
    std::string_view key;  ///< used unless `index` is set
    std::size_t index = npos;
    static constexpr std::size_t npos = std::size_t(-1);

    std::string pointer() const;
};

/// One decoding: what it forgives, and the first thing that was wrong.
struct Decoder {
    Strictness strictness;
    std::string wrong;

    bool expected(const Place& place, std::string_view what);
    bool unknown_key(const Place& place, const std::string& key);
    /// An error from a type that decodes itself: its path, if it has one, continues ours.
    bool inner_error(const Place& place, const Error& error);
};

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
concept SelfCoding = requires(const T& value, const Json& json, Strictness strictness) {
    { value.to_json() } -> std::same_as<Json>;
    { T::from_json(json, strictness) } -> std::same_as<Result<T>>;
};
template <class T>
concept DescribedStruct =
    !SelfCoding<T> && boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;
template <class T>
concept DescribedEnum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

template <class T>
using Members =
    boost::describe::describe_members<T, boost::describe::mod_any_access | boost::describe::mod_inherited>;

/// One type, both ways. Each specialisation has `static Json encode(const T&)` and
/// `static bool decode(const Json&, T&, const Place&, Decoder&)`, which is false after an error.
template <class T>
struct Codec {
    static_assert(
        DescribedStruct<T> || DescribedEnum<T>,
        "describe the type with BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_ENUM"
    );
};

template <class T>
Json encode(const T& value) {
    return Codec<T>::encode(value);
}

template <class T>
bool decode(const Json& json, T& value, const Place& place, Decoder& decoder) {
    return Codec<T>::decode(json, value, place, decoder);
}

template <>
struct Codec<Json> {
    static Json encode(const Json& value) { return value; }
    static bool decode(const Json& json, Json& value, const Place&, Decoder&) {
        value = json;
        return true;
    }
};

template <>
struct Codec<bool> {
    static Json encode(bool value) { return Json(value); }
    static bool decode(const Json& json, bool& value, const Place& place, Decoder& decoder);
};

template <>
struct Codec<std::string> {
    static Json encode(const std::string& value) { return Json(value); }
    static bool decode(const Json& json, std::string& value, const Place& place, Decoder& decoder);
};

template <>
struct Codec<double> {
    static Json encode(double value) { return Json(value); }
    static bool decode(const Json& json, double& value, const Place& place, Decoder& decoder);
};

template <>
struct Codec<Duration> {
    static Json encode(Duration value) { return Json(duration_text(value)); }
    static bool decode(const Json& json, Duration& value, const Place& place, Decoder& decoder);
};

template <>
struct Codec<SimTime> {
    static Json encode(SimTime value) { return Json(utc_text_exact(value)); }
    static bool decode(const Json& json, SimTime& value, const Place& place, Decoder& decoder);
};

/// Any integer of the document that fits `low`…`high`; both are what the target type holds.
bool decode_signed(
    const Json& json, std::int64_t low, std::int64_t high, std::int64_t& value, const Place& place,
    Decoder& decoder
);
bool decode_unsigned(
    const Json& json, std::uint64_t high, std::uint64_t& value, const Place& place, Decoder& decoder
);

template <std::integral T>
requires(!std::same_as<T, bool>) struct Codec<T> {
    static Json encode(T value) { return Json(value); }
    static bool decode(const Json& json, T& value, const Place& place, Decoder& decoder) {
        constexpr T high = std::numeric_limits<T>::max();
        if constexpr (std::is_signed_v<T>) {
            std::int64_t wide = 0;
            if (!decode_signed(json, std::numeric_limits<T>::min(), high, wide, place, decoder)) return false;
            value = static_cast<T>(wide);
        } else {
            std::uint64_t wide = 0;
            if (!decode_unsigned(json, high, wide, place, decoder)) return false;
            value = static_cast<T>(wide);
        }
        return true;
    }
};

template <DescribedEnum T>
struct Codec<T> {
    static Json encode(T value) {
        const char* name = boost::describe::enum_to_string(value, nullptr);
        return name ? Json(name) : Json(static_cast<std::int64_t>(value));
    }
    static bool decode(const Json& json, T& value, const Place& place, Decoder& decoder) {
        std::string names;
        bool found = false;
        const std::string* text = json.get_ptr<const std::string*>();
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
            if (text && *text == enumerator.name) {
                value = enumerator.value;
                found = true;
            }
            names += names.empty() ? "" : ", ";
            names += enumerator.name;
        });
        return found || decoder.expected(place, "one of " + names);
    }
};

template <SelfCoding T>
struct Codec<T> {
    static Json encode(const T& value) { return value.to_json(); }
    static bool decode(const Json& json, T& value, const Place& place, Decoder& decoder) {
        auto decoded = T::from_json(json, decoder.strictness);
        if (!decoded) return decoder.inner_error(place, decoded.error());
        value = std::move(*decoded);
        return true;
    }
};

template <DescribedStruct T>
struct Codec<T> {
    static Json encode(const T& value) {
        Json json = Json::object();
        boost::mp11::mp_for_each<Members<T>>([&](auto member) {
            json[member.name] = codec::encode(value.*member.pointer);
        });
        return json;
    }

    static bool decode(const Json& json, T& value, const Place& place, Decoder& decoder) {
        if (!json.is_object()) return decoder.expected(place, "an object");
        std::size_t known = 0;
        bool right = true;
        boost::mp11::mp_for_each<Members<T>>([&](auto member) {
            if (!right) return;
            using Member = std::remove_cvref_t<decltype(value.*member.pointer)>;
            const Place inner{&place, member.name};
            const auto found = json.find(member.name);
            if (found != json.end()) {
                ++known;
                right = codec::decode(*found, value.*member.pointer, inner, decoder);
            } else if (decoder.strictness == Strictness::exact && !is_optional<Member>) {
                right = decoder.expected(inner, "this key, which is missing");
            }
        });
        if (!right || known == json.size() || decoder.strictness == Strictness::lenient) return right;
        return reject_unknown(json, place, decoder);
    }

  private:
    static bool reject_unknown(const Json& json, const Place& place, Decoder& decoder) {
        for (auto member = json.begin(); member != json.end(); ++member) {
            bool described = false;
            boost::mp11::mp_for_each<Members<T>>([&](auto known) { described |= member.key() == known.name; }
            );
            if (!described) return decoder.unknown_key(place, member.key());
        }
        return true;
    }
};

}  // namespace csim::codec

namespace csim {

template <class T>
Json to_json_value(const T& value) {
    return codec::encode<T>(value);
}

template <class T>
Result<T> from_json_value(const Json& json, Strictness strictness) {
    codec::Decoder decoder{strictness, {}};
    T value{};
    // Built in place: a Json converts to anything, an Error too, and the plain constructor would be
    // ambiguous.
    if (codec::decode(json, value, codec::Place{}, decoder))
        return Result<T>(boost::system::in_place_value, std::move(value));
    return Result<T>(boost::system::in_place_error, Error{Errc::bad_argument, std::move(decoder.wrong)});
}

}  // namespace csim
