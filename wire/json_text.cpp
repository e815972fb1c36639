#include "wire/json_text.hpp"

#include <nlohmann/json.hpp>

namespace csim {
namespace {

/// Looks at every byte: nearly all strings are plain, and a loop without an early end is several times
/// faster.
bool is_plain(std::string_view text) {
    bool plain = true;
    for (const char each : text) {
        const auto c = static_cast<signed char>(each);
        plain &= (c >= 0x20) & (c != 0x7f) & (c != '"') & (c != '\\');
    }
    return plain;
}

std::string ascii_text(const Json& json) {
    return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

/// Most strings on the wire need no escape; the library takes care of the others.
template <class Sink>
void write_string(Sink& sink, std::string_view text) {
    if (is_plain(text)) {
        sink.push_back('"');
        sink.append(text);
        sink.push_back('"');
    } else {
        sink.append(std::string_view(ascii_text(Json(text))));
    }
}

template <class Sink>
void write_json(Sink& sink, const Json& json) {
    if (json.is_object()) {
        json_text::write_map(sink, json.get_ref<const Json::object_t&>());
    } else if (json.is_array()) {
        json_text::write_list(sink, json.get_ref<const Json::array_t&>());
    } else if (json.is_string()) {
        write_string(sink, json.get_ref<const std::string&>());
    } else {
        sink.append(std::string_view(ascii_text(json)));
    }
}

}  // namespace

Json JsonText::to_json() const {
    return Json::parse(text);
}

Result<JsonText> JsonText::from_json(const Json& json, Strictness) {
    return JsonText{ascii_text(json)};
}

void write_json_text(std::string& sink, std::string_view text) {
    write_string(sink, text);
}
void write_json_text(TextCounter& sink, std::string_view text) {
    write_string(sink, text);
}
void write_json_text(std::string& sink, const Json& json) {
    sink.append(ascii_text(json));
}
void write_json_text(TextCounter& sink, const Json& json) {
    write_json(sink, json);
}

}  // namespace csim
