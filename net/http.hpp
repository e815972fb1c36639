// Requests and replies as both ends of net/ see them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace csim {

using HttpFields = std::vector<std::pair<std::string, std::string>>;

/// The value of the first field called `name`, case-insensitively; nullptr if there is none.
const std::string* find_field(const HttpFields& fields, std::string_view name);

/// ASCII only, as header names are.
bool equal_ignoring_case(std::string_view a, std::string_view b);

struct HttpRequest {
    std::string method = "GET";
    std::string target = "/";
    HttpFields headers;  ///< Host, Content-Length and Connection are added by the client itself
    std::string body;
};

struct HttpReply {
    unsigned status = 200;
    HttpFields headers;
    std::string body;
};

/// Who is at the other end of a server's connection.
struct Peer {
    enum class Certificate { none, invalid, valid };
    std::string address;  ///< numeric, without port
    Certificate certificate = Certificate::none;
    std::string serial;  ///< upper-case hex, two digits a byte, no leading zero byte; of a valid one
    std::string common_name;
};

}  // namespace csim
