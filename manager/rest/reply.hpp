// Replies of the REST API, before they are text.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "net/http.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace csim {

struct ApiReply {
    unsigned status = 200;
    std::optional<Json> body;  ///< nothing: an empty body
    HttpFields headers;
    std::string text;  ///< instead of a JSON body
};

/// What a handler throws to end a request with a reply other than the usual one.
struct RestStop {
    ApiReply reply;
};

inline ApiReply reply_with(unsigned status, Json body) {
    return {status, std::optional<Json>(std::move(body)), {}, {}};
}
inline ApiReply bare_reply(unsigned status) {
    return {status, std::nullopt, {}, {}};
}
/// 400 `{"<field>": ["<text>"]}`.
[[noreturn]] inline void stop_field(const std::string& field, const std::string& text) {
    throw RestStop{reply_with(400, Json{{field, Json::array({text})}})};
}
/// 400 `{"<key>": "<text>"}`.
[[noreturn]] inline void stop_text(const std::string& key, const std::string& text) {
    throw RestStop{reply_with(400, Json{{key, text}})};
}
[[noreturn]] inline void stop(unsigned status) {
    throw RestStop{bare_reply(status)};
}

/// Text with bytes that are not UTF-8 replaced, so that what agents sent never breaks a reply.
HttpReply to_http(const ApiReply& reply);

}  // namespace csim
