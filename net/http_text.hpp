// Heads of requests and replies as text, written in one go. Bodies are appended by the callers.
#pragma once

#include "net/http.hpp"

#include <string>

namespace csim {

/// The whole request as it goes over the wire. Line breaks inside field values become spaces.
std::string request_text(const HttpRequest& request, const std::string& host);

struct ReplyStyle {
    bool to_head = false;  ///< the request was HEAD: the length is told, the body is not sent
    bool close = false;    ///< no further request will be read
    bool http_1_0 = false;
};

std::string reply_text(const HttpReply& reply, const ReplyStyle& style);

/// A reply made here, with a small HTML body that repeats the status and says why.
HttpReply error_reply(unsigned status, const std::string& sentence);

const char* reason_phrase(unsigned status);

}  // namespace csim
