// Heads of requests and replies as text, written in one go. Bodies are appended by the callers.
#pragma once

#include "net/http.hpp"

#include <cstdint>
#include <string>

namespace csim {

/// The whole request as it goes over the wire. Line breaks inside field values become spaces.
std::string request_text(const HttpRequest& request, const std::string& host);

/// `host:port` as in a Host field, with brackets around IPv6 addresses and without the usual port.
std::string authority_text(const std::string& host, std::uint16_t port, std::uint16_t usual_port);

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
