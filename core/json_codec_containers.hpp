// How the codec of core/json_codec.hpp walks containers and pointers. Included by it; not for direct use.
#pragma once

#include "core/json_codec_impl.hpp"

#include <array>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace csim::codec {

template <class T>
struct Codec<std::shared_ptr<const T>> {
    using Pointer = std::shared_ptr<const T>;
    static Json encode(const Pointer& value) { return value ? codec::encode(*value) : Json(nullptr); }
    static bool decode(const Json& json, Pointer& value, const Place& place, Decoder& decoder) {
        value.reset();
        if (json.is_null()) return true;
        auto made = std::make_shared<T>();
        if (!codec::decode(json, *made, place, decoder)) return false;
        value = std::move(made);
        return true;
    }
};

template <class T>
struct Codec<std::optional<T>> {
    static Json encode(const std::optional<T>& value) {
        return value ? codec::encode(*value) : Json(nullptr);
    }
    static bool decode(const Json& json, std::optional<T>& value, const Place& place, Decoder& decoder) {
        value.reset();
        return json.is_null() || codec::decode(json, value.emplace(), place, decoder);
    }
};

template <class T>
struct Codec<std::vector<T>> {
    static Json encode(const std::vector<T>& values) {
        Json json = Json::array();
        for (const auto& value : values) json.push_back(codec::encode<T>(value));
        return json;
    }
    static bool decode(const Json& json, std::vector<T>& values, const Place& place, Decoder& decoder) {
        if (!json.is_array()) return decoder.expected(place, "a list");
        values.clear();
        values.reserve(json.size());
        for (const Json& element : json) {
            T value{};
            if (!codec::decode(element, value, Place{&place, {}, values.size()}, decoder)) return false;
            values.push_back(std::move(value));
        }
        return true;
    }
};

template <class T, std::size_t N>
struct Codec<std::array<T, N>> {
    static Json encode(const std::array<T, N>& values) {
        Json json = Json::array();
        for (const T& value : values) json.push_back(codec::encode(value));
        return json;
    }
    static bool decode(const Json& json, std::array<T, N>& values, const Place& place, Decoder& decoder) {
        if (!json.is_array() || json.size() != N)
            return decoder.expected(place, "a list of " + std::to_string(N) + " elements");
        for (std::size_t i = 0; i < N; ++i)
            if (!codec::decode(json[i], values[i], Place{&place, {}, i}, decoder)) return false;
        return true;
    }
};

template <class A, class B>
struct Codec<std::pair<A, B>> {
    static Json encode(const std::pair<A, B>& value) {
        Json json = Json::array();
        json.push_back(codec::encode(value.first));
        json.push_back(codec::encode(value.second));
        return json;
    }
    static bool decode(const Json& json, std::pair<A, B>& value, const Place& place, Decoder& decoder) {
        if (!json.is_array() || json.size() != 2) return decoder.expected(place, "a list of 2 elements");
        return codec::decode(json[0], value.first, Place{&place, {}, 0}, decoder) &&
               codec::decode(json[1], value.second, Place{&place, {}, 1}, decoder);
    }
};

template <class... T>
struct Codec<std::tuple<T...>> {
    static Json encode(const std::tuple<T...>& values) {
        Json json = Json::array();
        std::apply([&](const T&... value) { (json.push_back(codec::encode(value)), ...); }, values);
        return json;
    }
    static bool decode(const Json& json, std::tuple<T...>& values, const Place& place, Decoder& decoder) {
        const bool lenient = decoder.strictness == Strictness::lenient;
        if (!json.is_array() || (json.size() != sizeof...(T) && !lenient))
            return decoder.expected(place, "a list of " + std::to_string(sizeof...(T)) + " elements");
        std::size_t next = 0;
        const auto element = [&](auto& value) {
            const std::size_t i = next++;
            return i >= json.size() || codec::decode(json[i], value, Place{&place, {}, i}, decoder);
        };
        return std::apply([&](T&... value) { return (element(value) && ...); }, values);
    }
};

template <class K>
std::string key_text(const K& key) {
    if constexpr (std::integral<K>)
        return std::to_string(key);
    else
        return key;
}

template <class K>
bool read_key(const std::string& text, K& key) {
    if constexpr (std::integral<K>) {
        const char* end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, key);
        return error == std::errc() && stop == end && std::to_string(key) == text;
    } else {
        key = text;
        return true;
    }
}

template <class K, class V, class Order>
struct Codec<std::map<K, V, Order>> {
    static Json encode(const std::map<K, V, Order>& values) {
        Json json = Json::object();
        for (const auto& [key, value] : values) json[key_text(key)] = codec::encode(value);
        return json;
    }
    static bool decode(
        const Json& json, std::map<K, V, Order>& values, const Place& place, Decoder& decoder
    ) {
        if (!json.is_object()) return decoder.expected(place, "an object");
        values.clear();
        for (auto member = json.begin(); member != json.end(); ++member) {
            const Place inner{&place, member.key()};
            K key{};
            if (!read_key(member.key(), key)) return decoder.expected(inner, "an integer as key");
            V value{};
            if (!codec::decode(member.value(), value, inner, decoder)) return false;
            values.emplace(std::move(key), std::move(value));
        }
        return true;
    }
};

}  // namespace csim::codec
