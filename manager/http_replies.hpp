// The few shapes that replies to agents have.
#pragma once

#include "net/http.hpp"

#include <string>
#include <string_view>

namespace csim {

inline HttpReply typed_reply(unsigned status, std::string type, std::string body) {
    return {status, {{"Content-Type", std::move(type)}}, std::move(body)};
}
inline HttpReply text_reply(unsigned status, std::string text) {
    return typed_reply(status, "text/html; charset=utf-8", std::move(text));
}
inline HttpReply empty_reply(unsigned status) {
    return text_reply(status, {});
}
inline HttpReply json_reply(unsigned status, std::string json) {
    return typed_reply(status, "application/json", std::move(json));
}
/// 400 with `{"<field>": ["<reason>"]}`.
HttpReply field_reply(std::string_view field, std::string_view reason);

}  // namespace csim
