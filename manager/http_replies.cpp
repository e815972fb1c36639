#include "manager/http_replies.hpp"

#include "wire/message.hpp"

namespace csim {

HttpReply field_reply(std::string_view field, std::string_view reason) {
    std::string json = "{";
    append_json_string(json, field);
    json += ": [";
    append_json_string(json, reason);
    json += "]}";
    return json_reply(400, std::move(json));
}

}  // namespace csim
