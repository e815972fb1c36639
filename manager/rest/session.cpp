// `session`: who is logged in, login and logout.
// Source: the manager API, §1.3.
#include "manager/rest/rest_request.hpp"

#include <cctype>

namespace csim {

namespace {

std::string cookie(const std::string& name, const std::string& value) {
    return name + "=" + value + "; Path=/";
}

Json session_schema() {
    auto row = [](const char* type, const char* help, bool nullable) {
        return Json{{"type", type},         {"help_text", help}, {"default", "No default provided."},
                    {"nullable", nullable}, {"readonly", true},  {"unique", false},
                    {"blank", false}};
    };
    Json user = row("related", "Who is logged in; null: nobody", true);
    user["related_type"] = "to_one";
    return Json{
        {"allowed_list_http_methods", {"get", "post", "delete"}},
        {"allowed_detail_http_methods", Json::array()},
        {"default_format", "application/json"},
        {"default_limit", 20},
        {"fields",
         {{"user", std::move(user)},
          {"read_enabled", row("boolean", "Whether objects may be read with this session", false)},
          {"resource_uri", row("string", "Text", false)}}},
    };
}

}  // namespace

ApiReply not_allowed(const std::vector<std::string>& methods) {
    ApiReply reply = bare_reply(405);
    for (const std::string& method : methods) {
        if (!reply.text.empty()) reply.text += ",";
        for (char c : method) reply.text += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    reply.headers.emplace_back("Allow", reply.text);
    return reply;
}

ApiReply RestApi::session(Request& request) {
    const auto& segments = request.context.target.segments;
    if (segments.size() == 3 && segments[2] == "schema" && reads(request.method))
        return reply_with(200, session_schema());
    if (segments.size() > 2) return bare_reply(404);
    if (request.method == "delete") {
        accounts_.log_out(request.identity.session_id);
        return bare_reply(204);
    }
    if (request.method == "post") return log_in(request);
    if (request.method != "get") return not_allowed({"get", "post", "delete"});
    const UserRow* user = request.identity.user;
    Json body{{"user", nullptr}, {"resource_uri", "/api/session/"}};
    body["read_enabled"] = user != nullptr || options_.allow_anonymous_read;
    if (user != nullptr) body["user"] = resources_.at("user")->nested_json(request.context, user->id);
    ApiReply reply = reply_with(200, std::move(body));
    const std::string& csrf = request.identity.csrf_token;
    const std::string& id = request.identity.session_id;
    reply.headers.emplace_back(
        "Set-Cookie", cookie("csrftoken", csrf.empty() ? accounts_.new_csrf_token() : csrf)
    );
    reply.headers.emplace_back(
        "Set-Cookie", cookie("sessionid", id.empty() ? accounts_.new_session() : id) + "; HttpOnly"
    );
    return reply;
}

ApiReply RestApi::log_in(Request& request) {
    if (!request.identity.csrf_ok) return bare_reply(401);
    Json missing = Json::object();
    const Json& body = request.context.body;
    for (const char* name : {"username", "password"}) {
        const bool given =
            body.is_object() && body.contains(name) && body[name].is_string() && body[name] != "";
        if (!given) missing[name] = Json::array({"This field is mandatory"});
    }
    if (!missing.empty()) return reply_with(400, std::move(missing));
    const UserRow* user =
        accounts_.check(body["username"].get<std::string>(), body["password"].get<std::string>());
    if (user == nullptr) return reply_with(403, Json{{"__all__", "Authentication Failed."}});
    const std::string id = accounts_.log_in(request.identity.session_id, *user);
    ApiReply reply = bare_reply(201);
    reply.headers.emplace_back("Set-Cookie", cookie("csrftoken", request.identity.csrf_token));
    reply.headers.emplace_back("Set-Cookie", cookie("sessionid", id) + "; HttpOnly");
    return reply;
}

}  // namespace csim
