// The URL of a manager, taken apart.
#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace csim {

struct ManagerUrl {
    std::string host;
    std::uint16_t port = 443;
    bool tls = true;
    std::string base_path = "/";  ///< begins and ends with a slash

    /// `https://host:port/path/`, in one spelling.
    std::string text() const;
};

/// Accepts `https://host[:port][/path]`, with or without the last slash, and IPv6 addresses in brackets.
/// Errors: bad_argument, one sentence.
Result<ManagerUrl> parse_manager_url(std::string_view text);

/// `host:port`, as listeners are given. Port 0 means any free one. Errors: bad_argument, one sentence.
struct ListenAddress {
    std::string host;
    std::uint16_t port = 0;
};
Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace csim
