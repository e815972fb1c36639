// Replies as text, and the schema of a resource from its table.
#include "manager/rest/resource.hpp"

namespace csim {

namespace {

struct TypeText {
    const char* name;
    const char* help;
};

TypeText text_of(FieldType type) {
    switch (type) {
        case FieldType::string:
            return {"string", "Text"};
        case FieldType::integer:
            return {"integer", "A whole number"};
        case FieldType::floating:
            return {"float", "A number"};
        case FieldType::boolean:
            return {"boolean", "true or false"};
        case FieldType::datetime:
            return {"datetime", "UTC date and time, such as 2010-11-10T03:07:43"};
        case FieldType::list:
            return {"list", "A list"};
        case FieldType::dict:
            return {"dict", "An object"};
        case FieldType::to_one:
            return {"related", "Another resource: its URI or the whole object"};
        case FieldType::to_many:
            return {"related", "Other resources: their URIs or whole objects"};
    }
    return {"string", ""};
}

}  // namespace

HttpReply to_http(const ApiReply& reply) {
    HttpReply http;
    http.status = reply.status;
    http.headers = reply.headers;
    if (reply.body) {
        http.headers.emplace_back("Content-Type", "application/json");
        http.headers.emplace_back("Vary", "Accept, Cookie");
        http.headers.emplace_back("Cache-Control", "no-cache");
        http.body = reply.body->dump(-1, ' ', false, Json::error_handler_t::replace);
    } else {
        http.headers.emplace_back("Content-Type", "text/html; charset=utf-8");
        http.body = reply.text;
    }
    return http;
}

Json Resource::schema() const {
    Json fields = Json::object();
    for (const Field& field : fields_) {
        const TypeText text = text_of(field.type);
        Json row{
            {"type", text.name},
            {"help_text", field.help.empty() ? text.help : field.help},
            {"default", "No default provided."},
            {"nullable", (field.flags & Field::nullable) != 0},
            {"readonly", (field.flags & Field::readonly) != 0},
            {"unique", (field.flags & Field::unique) != 0},
            {"blank", (field.flags & Field::blank) != 0},
        };
        if (field.type == FieldType::to_one) row["related_type"] = "to_one";
        if (field.type == FieldType::to_many) row["related_type"] = "to_many";
        fields[field.name] = std::move(row);
    }
    Json schema{
        {"allowed_list_http_methods", list_methods_},
        {"allowed_detail_http_methods", detail_methods_},
        {"default_format", "application/json"},
        {"default_limit", 20},
        {"fields", std::move(fields)},
    };
    Json filtering = Json::object();
    for (const auto& [name, filter] : filters_) filtering[name] = filter.lookups;
    if (!filtering.empty()) schema["filtering"] = std::move(filtering);
    if (!ordering_.empty()) schema["ordering"] = ordering_;
    return schema;
}

}  // namespace csim
