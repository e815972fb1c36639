// The engine of lists: filter, order, page, then make JSON of what is left.
#include "manager/rest/resource.hpp"

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

constexpr std::int64_t page_limit = 20;

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

ListPlan Resource::plan_list(RestContext& context) {
    if (auto part = quick_slice(context))
        return {meta_of(context, static_cast<std::int64_t>(part->total)), std::move(part->keys)};
    return page(context, selected(context));
}

ApiReply Resource::list_reply(RestContext& context, ListPlan plan) {
    Json objects = Json::array();
    auto& array = objects.get_ref<Json::array_t&>();
    array.reserve(plan.shown.size());
    for (Key key : plan.shown) array.push_back(to_json(context, key));
    return reply_with(200, Json{{"meta", std::move(plan.meta)}, {"objects", std::move(objects)}});
}

/// Lists without filters and orders are cut out of the table as it is.
std::optional<Resource::Slice> Resource::quick_slice(RestContext& context) {
    for (const auto& entry : context.target.query) {
        const std::string& name = entry.first;
        if (name != "limit" && name != "offset" && name != "format" && !name.starts_with("dehydrate__"))
            return std::nullopt;
    }
    const std::int64_t limit = page_number(context.target, "limit", page_limit);
    const std::int64_t offset = page_number(context.target, "offset", 0);
    const auto most = limit == 0 ? std::numeric_limits<std::size_t>::max() : static_cast<std::size_t>(limit);
    return slice(context, static_cast<std::size_t>(offset), most);
}

Keys Resource::selected(RestContext& context) {
    Keys found = candidates(context);
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

ListPlan Resource::page(RestContext& context, const Keys& keys) {
    const auto total = static_cast<std::int64_t>(keys.size());
    const std::int64_t limit = page_number(context.target, "limit", page_limit);
    const std::int64_t begin = std::min(page_number(context.target, "offset", 0), total);
    const std::int64_t end = limit == 0 ? total : begin + std::min(limit, total - begin);
    return {meta_of(context, total), Keys(keys.begin() + begin, keys.begin() + end)};
}

Json Resource::meta_of(RestContext& context, std::int64_t total) {
    const std::int64_t limit = page_number(context.target, "limit", page_limit);
    const std::int64_t offset = page_number(context.target, "offset", 0);
    Json meta{
        {"limit", limit},
        {"offset", offset},
        {"total_count", total},
        {"next", nullptr},
        {"previous", nullptr}};
    const bool more = limit != 0 && offset < total && total - offset > limit;
    if (more) meta["next"] = page_uri(context, name_, limit, offset + limit);
    if (limit != 0 && offset - limit >= 0 && offset > 0)
        meta["previous"] = page_uri(context, name_, limit, offset - limit);
    return meta;
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

std::string Resource::group_of(RestContext& context, const std::string& name, Key key) {
    const Field* field = find_field(name);
    if (field == nullptr || field->type == FieldType::to_many)
        stop_field("group_by", "There is no attribute '" + name + "' to group by");
    if (field->type != FieldType::to_one) {
        const Json value = field->value(context, key);
        return value.is_string() ? value.get<std::string>() : value.dump();
    }
    const Keys keys = field->related_keys(context, key);
    return keys.empty() ? "null" : context.resources.find(field->related)->second->key_text(keys.front());
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
