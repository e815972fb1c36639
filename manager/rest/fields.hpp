// Short ways to write rows of field tables.
#pragma once

#include "core/utc.hpp"
#include "manager/rest/resource.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace csim {

/// A value that is read off a row of `table` by `get`.
template <class Row, class Get>
Value from_row(Table<Row> Model::*table, Get get) {
    return [table, get](RestContext& context, Key key) -> Json {
        const Row* row = (context.model.*table).find(key);
        return row == nullptr ? Json(nullptr) : Json(get(*row));
    };
}

inline Json instant(SimTime at) {
    return utc_text_bare(at);
}
inline Json instant(const std::optional<SimTime>& at) {
    return at ? Json(utc_text_bare(*at)) : Json(nullptr);
}

inline Field field(std::string name, FieldType type, Value value, unsigned flags = 0) {
    return {std::move(name), type, flags, std::move(value)};
}

/// A relation to the objects that `keys` names.
inline Field relation(
    std::string name, FieldType type, std::string resource, std::function<Keys(RestContext&, Key)> keys,
    bool full = false, unsigned flags = 0
) {
    return {std::move(name), type, flags, {}, std::move(resource), full, std::move(keys)};
}

inline Field always_null(std::string name, unsigned flags = Field::readonly) {
    return field(
        std::move(name), FieldType::string, [](RestContext&, Key) { return Json(nullptr); }, flags
    );
}

inline Keys none_or(const std::optional<std::int64_t>& key) {
    return key ? Keys{*key} : Keys{};
}

/// `id` and `resource_uri`.
inline void add_identity(std::vector<Field>& fields, const Resource& resource) {
    fields.push_back(field(
        "id", FieldType::integer, [](RestContext&, Key key) { return Json(key); },
        Field::readonly | Field::unique
    ));
    const Resource* of = &resource;
    fields.push_back(field(
        "resource_uri", FieldType::string, [of](RestContext&, Key key) { return Json(of->uri(key)); },
        Field::readonly
    ));
}

/// A whole number above zero, as filters name objects.
inline std::optional<std::int64_t> id_in_text(std::string_view text) {
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc() || end != text.data() + text.size() || id <= 0) return std::nullopt;
    return id;
}

/// `primary`, as some filters have it beside a host.
inline bool wants_primary(const RestTarget& target) {
    const std::string* text = target.find("primary");
    return text != nullptr && *text != "false" && *text != "False" && *text != "0";
}

/// A member of the request's body; null if it is not there.
inline const Json& member(const Json& body, const char* name) {
    static const Json none;
    if (!body.is_object()) return none;
    auto at = body.find(name);
    return at == body.end() ? none : *at;
}

}  // namespace csim
