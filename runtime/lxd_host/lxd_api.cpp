#include "runtime/lxd_host/lxd_api.hpp"

#include "core/hex.hpp"
#include "core/utc.hpp"

#include <nlohmann/json.hpp>

namespace csim {
namespace {

HttpReply enveloped(unsigned status, std::string body) {
    return {status, {{"Content-Type", "application/json"}}, std::move(body) + "\n"};
}

const char* const sync_head =
    R"({"type":"sync","status":"Success","status_code":200,"operation":"","error_code":0,"error":"","metadata":)";

/// As the daemon's own JSON library words it.
std::string json_complaint(const std::string& body, std::size_t byte) {
    const std::size_t at = std::min(byte == 0 ? 0 : byte - 1, body.size());
    if (at >= body.size()) return "unexpected EOF";
    std::size_t before = at;
    while (before > 0 && std::isspace(static_cast<unsigned char>(body[before - 1]))) --before;
    const char last = before > 0 ? body[before - 1] : ' ';
    const std::string character = "invalid character '" + std::string(1, body[at]) + "' ";
    if (last == '{') return character + "looking for beginning of object key string";
    if (last == '"' || last == '}' || last == ']') return character + "after object key:value pair";
    return character + "looking for beginning of value";
}

[[noreturn]] void wrong_type(const Json& value, const char* key, const char* wanted) {
    throw LxdRefusal{
        400, std::string("json: cannot unmarshal ") + value.type_name() + " into field ." + key +
                 " of type " + wanted};
}

const Json* member(const Json& body, const char* key) {
    if (!body.is_object()) throw LxdRefusal{400, "json: the body must be an object"};
    const auto found = body.find(key);
    return found == body.end() || found->is_null() ? nullptr : &*found;
}

/// The parts between the marks, in order.
std::vector<std::string_view> split(std::string_view text, char mark) {
    std::vector<std::string_view> parts;
    std::size_t from = 0;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        if (at < text.size() && text[at] != mark) continue;
        parts.push_back(text.substr(from, at - from));
        from = at + 1;
    }
    return parts;
}

std::vector<std::string> segments_of(std::string_view path) {
    std::vector<std::string> parts;
    for (const std::string_view part : split(path, '/'))
        if (!part.empty()) parts.push_back(url_decoded(part, false));
    return parts;
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
    if (pattern.size() != path.size()) return false;
    for (std::size_t i = 0; i < path.size(); ++i)
        if (pattern[i] != "*" && pattern[i] != path[i]) return false;
    return true;
}

}  // namespace

std::string LxdCall::asked(const std::string& key) const {
    const auto found = query.find(key);
    return found == query.end() ? "" : found->second;
}

int LxdCall::recursion() const {
    const std::string text = asked("recursion");
    return text == "1" ? 1 : text == "2" ? 2 : 0;
}

Json LxdCall::json() const {
    if (request.body.empty()) return Json::object();
    try {
        return Json::parse(request.body);
    } catch (const Json::parse_error& wrong) {
        throw LxdRefusal{400, json_complaint(request.body, wrong.byte)};
    }
}

void LxdCall::check_match(const std::string& etag) const {
    const std::string* given = find_field(request.headers, "If-Match");
    if (given == nullptr || given->empty()) return;
    std::string bare = *given;
    if (bare.size() >= 2 && bare.front() == '"' && bare.back() == '"') bare = bare.substr(1, bare.size() - 2);
    if (bare != etag) throw LxdRefusal{412, "ETag doesn't match: " + etag + " vs " + bare};
}

HttpReply sync_text_reply(std::string metadata) {
    std::string body;
    body.reserve(metadata.size() + 160);
    body += sync_head;
    body += metadata;
    body += '}';
    return enveloped(200, std::move(body));
}

HttpReply sync_reply(const Json& metadata, const std::string& etag) {
    HttpReply reply = sync_text_reply(metadata.dump(-1, ' ', false, Json::error_handler_t::replace));
    if (!etag.empty()) reply.headers.emplace_back("Etag", '"' + etag + '"');
    return reply;
}

HttpReply created_reply(const std::string& location) {
    HttpReply reply = sync_text_reply("null");
    reply.status = 201;
    reply.headers.emplace_back("Location", location);
    return reply;
}

HttpReply refusal_reply(unsigned code, const std::string& text) {
    const Json body{{"type", "error"},    {"status", ""},  {"status_code", 0},   {"operation", ""},
                    {"error_code", code}, {"error", text}, {"metadata", nullptr}};
    HttpReply reply = enveloped(code, body.dump(-1, ' ', false, Json::error_handler_t::replace));
    reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
    return reply;
}

HttpReply operation_reply(const std::string& id, const Json& operation) {
    const std::string path = "/1.0/operations/" + id;
    const Json body{{"type", "async"},      {"status", "Operation created"},
                    {"status_code", 100},   {"operation", path},
                    {"error_code", 0},      {"error", ""},
                    {"metadata", operation}};
    HttpReply reply = enveloped(202, body.dump(-1, ' ', false, Json::error_handler_t::replace));
    reply.headers.emplace_back("Location", path);
    return reply;
}

HttpReply content_reply(const std::string& name, std::string content) {
    return {
        200,
        {{"Content-Type", "application/octet-stream"}, {"Content-Disposition", "inline;filename=" + name}},
        std::move(content)};
}

std::string etag_of(const Json& mutable_fields) {
    return sha256_hex(mutable_fields.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string lxd_time(SimTime at) {
    if (at == SimTime{}) return "1970-01-01T00:00:00Z";
    std::string text = utc_text_exact(at);
    return text.substr(0, text.find('+')) + "Z";
}

void append_json(std::string& into, std::string_view text) {
    into += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') into += '\\';
        if (static_cast<unsigned char>(c) >= 0x20) {
            into += c;
        } else {
            into += "\\u00" + hex_text(std::string_view(&c, 1));
        }
    }
    into += '"';
}

std::string text_in(const Json& body, const char* key, const std::string& otherwise) {
    const Json* found = member(body, key);
    if (found == nullptr) return otherwise;
    if (!found->is_string()) wrong_type(*found, key, "string");
    return found->get<std::string>();
}

bool flag_in(const Json& body, const char* key, bool otherwise) {
    const Json* found = member(body, key);
    if (found == nullptr) return otherwise;
    if (!found->is_boolean()) wrong_type(*found, key, "bool");
    return found->get<bool>();
}

std::int64_t number_in(const Json& body, const char* key, std::int64_t otherwise) {
    const Json* found = member(body, key);
    if (found == nullptr) return otherwise;
    if (!found->is_number_integer()) wrong_type(*found, key, "int");
    return found->get<std::int64_t>();
}

std::map<std::string, std::string> texts_in(const Json& body, const char* key) {
    std::map<std::string, std::string> texts;
    const Json* found = member(body, key);
    if (found == nullptr) return texts;
    if (!found->is_object()) wrong_type(*found, key, "map[string]string");
    for (const auto& [name, value] : found->items()) {
        if (value.is_string()) {
            texts[name] = value.get<std::string>();
        } else if (value.is_boolean() || value.is_number()) {
            texts[name] = value.dump();
        } else if (!value.is_null()) {
            wrong_type(value, (std::string(key) + "." + name).c_str(), "string");
        }
    }
    return texts;
}

std::string url_decoded(std::string_view text, bool plus_is_space) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = text[i] == '%' && i + 2 < text.size() ? parse_hex(text.substr(i + 1, 2))
                                                                : Result<std::string>(Error{});
        if (byte && byte->size() == 1) {
            plain += *byte;
            i += 2;
        } else {
            plain += plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
    return plain;
}

std::map<std::string, std::string> url_query(std::string_view text) {
    std::map<std::string, std::string> query;
    for (const std::string_view pair : split(text, '&')) {
        const auto parts = split(pair, '=');
        if (parts[0].empty()) continue;
        const std::size_t rest = std::min(parts[0].size() + 1, pair.size());
        query[url_decoded(parts[0], true)] = url_decoded(pair.substr(rest), true);
    }
    return query;
}

void LxdRoutes::add(std::string method, const std::string& pattern, LxdHandler handler, bool open) {
    routes_.push_back({std::move(method), segments_of(pattern), std::move(handler), open});
}

void LxdRoutes::add_instances(
    const std::string& method, const std::string& pattern, const LxdHandler& handler
) {
    add(method, "/1.0/instances" + pattern, handler);
    add(method, "/1.0/containers" + pattern, handler);
}

LxdReply LxdRoutes::run(LxdCall& call) const {
    const std::string& target = call.request.target;
    const auto question = std::min(target.find('?'), target.size());
    call.path = segments_of(std::string_view(target).substr(0, question));
    call.query = url_query(std::string_view(target).substr(std::min(question + 1, target.size())));
    bool known = false;
    for (const Route& route : routes_) {
        if (!matches(route.pattern, call.path)) continue;
        known = true;
        const bool same =
            route.method == call.request.method || (route.method == "GET" && call.request.method == "HEAD");
        if (!same) continue;
        if (!call.trusted && !route.open) throw LxdRefusal{403, "not authorized"};
        return route.handler(call);
    }
    if (!call.trusted) throw LxdRefusal{403, "not authorized"};
    throw known ? LxdRefusal{501, "not implemented"} : LxdRefusal{404, "not found"};
}

}  // namespace csim
