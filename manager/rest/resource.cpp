// The engine of lists: filter, order, page, then make JSON of what is left.
#include "manager/rest/resource.hpp"

#include "manager/rest/lookup.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace csim {

namespace {

std::optional<std::int64_t> whole_number(const std::string& text) {
    std::int64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

std::int64_t page_number(const RestTarget& target, const char* name, std::int64_t fallback) {
    const std::string* text = target.find(name);
    if (text == nullptr || text->empty()) return fallback;
    auto value = whole_number(*text);
    if (!value) {
        stop_text(
            "error",
            "Invalid " + std::string(name) + " '" + *text + "' provided. Please provide a positive integer."
        );
    }
    return *value;
}

std::string page_uri(
    const RestContext& context, const std::string& name, std::int64_t limit, std::int64_t offset
) {
    std::string uri =
        "/api/" + name + "/?limit=" + std::to_string(limit) + "&offset=" + std::to_string(offset);
    for (const auto& [key, value] : context.target.query) {
        if (key == "limit" || key == "offset") continue;
        uri += "&" + percent_encode(key) + "=" + percent_encode(value);
    }
    return uri;
}

}  // namespace

const Field* Resource::find_field(std::string_view name) const {
    auto at =
        std::find_if(fields_.begin(), fields_.end(), [&](const Field& field) { return field.name == name; });
    return at == fields_.end() ? nullptr : &*at;
}

Key Resource::parse_key(const std::string& text) const {
    if (auto key = whole_number(text)) return *key;
    throw RestStop{reply_with(
        404,
        Json{
            {"error_message", "'" + text + "' is not the number of any object; numbers are whole"},
            {"traceback", ""}}
    )};
}

ApiReply Resource::get_list(RestContext& context) {
    if (auto reply = whole(context)) return *reply;
    Keys found = selected(context);
    return reply_with(200, page(context, found));
}

Keys Resource::selected(RestContext& context) {
    Keys found = keys(context);
    narrow(context, found);
    filter(context, found);
    order(context, found);
    return found;
}

ApiReply Resource::get_detail(RestContext& context, Key key) {
    context.detail = true;
    if (!has(context, key)) stop(404);
    return reply_with(200, to_json(context, key));
}

Json Resource::page(RestContext& context, Keys& keys) {
    const auto total = static_cast<std::int64_t>(keys.size());
    const std::int64_t limit = page_number(context.target, "limit", 20);
    const std::int64_t offset = page_number(context.target, "offset", 0);
    const std::int64_t begin = std::min(offset, total);
    const std::int64_t end = limit == 0 ? total : begin + std::min(limit, total - begin);
    Json objects = Json::array();
    auto& array = objects.get_ref<Json::array_t&>();
    array.reserve(static_cast<std::size_t>(end - begin));
    for (std::int64_t i = begin; i < end; ++i)
        array.push_back(to_json(context, keys[static_cast<std::size_t>(i)]));
    Json meta{
        {"limit", limit},
        {"offset", offset},
        {"total_count", total},
        {"next", nullptr},
        {"previous", nullptr}};
    if (end < total) meta["next"] = page_uri(context, name_, limit, offset + limit);
    if (limit != 0 && offset - limit >= 0 && offset > 0)
        meta["previous"] = page_uri(context, name_, limit, offset - limit);
    return Json{{"meta", std::move(meta)}, {"objects", std::move(objects)}};
}

void Resource::filter(RestContext& context, Keys& keys) {
    std::set<std::string> seen;
    for (const auto& entry : context.target.query) {
        const std::string& parameter = entry.first;
        if (!seen.insert(parameter).second || parameter.starts_with("dehydrate__")) continue;
        if (parameter == "limit" || parameter == "offset" || parameter == "order_by" || parameter == "format")
            continue;
        apply_filter(context, keys, parameter, parameter);
    }
}

void Resource::apply_filter(
    RestContext& context, Keys& keys, const std::string& name, const std::string& parameter
) {
    std::string lookup = "exact";
    std::string filtered = name;
    auto at = filters_.find(filtered);
    if (const auto cut = name.rfind("__"); at == filters_.end() && cut != std::string::npos) {
        lookup = name.substr(cut + 2);
        filtered = name.substr(0, cut);
        at = filters_.find(filtered);
    }
    const Field* field = find_field(filtered.substr(0, filtered.find("__")));
    if (at == filters_.end()) {
        if (field != nullptr && field->value) {
            stop_text("error", "The '" + field->name + "' field does not allow filtering.");
        }
        return;
    }
    const Filter& filter = at->second;
    if (!filter.lookups.contains(lookup)) {
        stop_text("error", "'" + lookup + "' is not an allowed filter on the '" + filtered + "' field.");
    }
    if (!filter.value && (field == nullptr || !field->value)) return;
    const Value& value = filter.value ? filter.value : field->value;
    const FieldType type = field == nullptr || filter.value ? FieldType::string : field->type;
    const auto operands = context.target.all(parameter);
    std::erase_if(keys, [&](Key key) { return !matches(value(context, key), type, lookup, operands); });
}

void Resource::order(RestContext& context, Keys& keys) {
    auto wishes = context.target.all("order_by");
    // The first wish counts most, so it is sorted by last.
    for (auto wish = wishes.rbegin(); wish != wishes.rend(); ++wish) {
        const bool descending = wish->starts_with('-');
        const std::string name = descending ? wish->substr(1) : *wish;
        const Field* field = find_field(name);
        const bool allowed = std::find(ordering_.begin(), ordering_.end(), name) != ordering_.end();
        if (!allowed || field == nullptr)
            stop_text("error", "No matching '" + name + "' field for ordering on.");
        std::vector<std::pair<Json, Key>> valued;
        valued.reserve(keys.size());
        for (Key key : keys) valued.emplace_back(field->value(context, key), key);
        std::stable_sort(valued.begin(), valued.end(), [&](const auto& a, const auto& b) {
            return descending ? b.first < a.first : a.first < b.first;
        });
        for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = valued[i].second;
    }
}

bool Resource::expanded(const RestContext& context, const Field& field) const {
    if (context.nested) return field.full;
    const std::string* wish = context.target.find("dehydrate__" + field.name);
    if (wish == nullptr) return field.full;
    return *wish == "true" || *wish == "True";
}

Json Resource::field_json(RestContext& context, const Field& field, Key key) {
    if (field.type != FieldType::to_one && field.type != FieldType::to_many) return field.value(context, key);
    auto other = context.resources.find(field.related);
    Json found = Json::array();
    for (Key related : field.related_keys(context, key)) {
        Resource& resource = *other->second;
        found.push_back(
            expanded(context, field) ? resource.nested_json(context, related) : Json(resource.uri(related))
        );
    }
    if (field.type == FieldType::to_many) return found;
    return found.empty() ? Json(nullptr) : Json(std::move(found.front()));
}

Json Resource::to_json(RestContext& context, Key key) {
    Json object = Json::object();
    for (const Field& field : fields_) {
        if (context.nested && field.flags & Field::absent_if_nested) continue;
        if (context.nested && field.flags & Field::top_only) {
            object[field.name] = nullptr;
        } else {
            object[field.name] = field_json(context, field, key);
        }
    }
    return object;
}

Json Resource::nested_json(RestContext& context, Key key) {
    const bool outer = std::exchange(context.nested, true);
    Json object = to_json(context, key);
    context.nested = outer;
    return object;
}

std::optional<ApiReply> Resource::special(RestContext&, const std::string&, const std::vector<std::string>&) {
    return std::nullopt;
}

ApiReply Resource::post_list(RestContext&) {
    stop(405);
}
ApiReply Resource::put_list(RestContext&) {
    stop(405);
}
ApiReply Resource::patch_list(RestContext&) {
    stop(405);
}
ApiReply Resource::delete_list(RestContext&) {
    stop(405);
}
ApiReply Resource::post_detail(RestContext&, Key) {
    stop(405);
}
ApiReply Resource::put_detail(RestContext&, Key) {
    stop(405);
}
ApiReply Resource::patch_detail(RestContext&, Key) {
    stop(405);
}
ApiReply Resource::delete_detail(RestContext&, Key) {
    stop(405);
}

}  // namespace csim
