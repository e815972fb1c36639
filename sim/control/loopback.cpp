#include "sim/control/loopback.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <string>

namespace csim {

bool is_loopback(std::string_view host) {
    const std::string name(host);
    if (name == "localhost") return true;
    in_addr v4{};
    if (inet_pton(AF_INET, name.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
    in6_addr v6{};
    return inet_pton(AF_INET6, name.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool names_loopback(std::string_view authority) {
    std::string_view host = authority;
    std::string_view port;
    if (host.starts_with('[')) {
        const auto end = host.find(']');
        if (end == std::string_view::npos) return false;
        port = host.substr(end + 1);
        host = host.substr(1, end - 1);
        if (host.find(':') == std::string_view::npos) return false;
    } else if (const auto colon = host.find(':'); colon != std::string_view::npos) {
        port = host.substr(colon);
        host = host.substr(0, colon);
    }
    const bool digits =
        port.empty() || (port.front() == ':' && std::all_of(port.begin() + 1, port.end(), [](char c) {
                             return c >= '0' && c <= '9';
                         }));
    std::string lower(host);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return digits && is_loopback(lower);
}

bool same_secret(std::string_view given, std::string_view expected) {
    unsigned difference = given.size() == expected.size() ? 0 : 1;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const char other = expected.empty() ? '\0' : expected[i % expected.size()];
        difference |= static_cast<unsigned char>(given[i] ^ other);
    }
    return difference == 0;
}

}  // namespace csim
