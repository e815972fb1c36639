#include "sim/manager_url.hpp"

#include <charconv>
#include <optional>

namespace csim {
namespace {

std::optional<std::uint16_t> port_number(std::string_view text) {
    unsigned value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size() || value > 65535) return std::nullopt;
    return static_cast<std::uint16_t>(value);
}

/// Splits `host:port`; the port is absent without a colon outside of brackets.
struct HostPort {
    std::string_view host;
    std::optional<std::string_view> port;
};

HostPort split(std::string_view text) {
    const std::size_t bracket = text.rfind(']');
    const std::size_t colon = text.rfind(':');
    HostPort parts{text, std::nullopt};
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
        parts = {text.substr(0, colon), text.substr(colon + 1)};
    }
    if (parts.host.starts_with('[') && parts.host.ends_with(']'))
        parts.host = parts.host.substr(1, parts.host.size() - 2);
    return parts;
}

Error bad_url(std::string_view text, const std::string& why) {
    return Error{
        Errc::bad_argument, "'" + std::string(text) + "' is not a manager's URL (" + why +
                                "); write something like https://localhost:8000/"};
}

}  // namespace

std::string ManagerUrl::text() const {
    const bool six = host.find(':') != std::string::npos;
    return std::string(tls ? "https" : "http") + "://" + (six ? "[" + host + "]" : host) + ":" +
           std::to_string(port) + base_path;
}

Result<ManagerUrl> parse_manager_url(std::string_view text) {
    ManagerUrl url;
    std::string_view rest = text;
    if (rest.starts_with("https://")) {
        rest.remove_prefix(8);
    } else if (rest.starts_with("http://")) {
        rest.remove_prefix(7);
        url.tls = false;
        url.port = 80;
    } else {
        return bad_url(text, "it begins with neither https:// nor http://");
    }
    const std::size_t slash = rest.find('/');
    const HostPort parts = split(rest.substr(0, slash));
    if (parts.host.empty()) return bad_url(text, "it names no host");
    url.host = parts.host;
    if (parts.port) {
        const auto port = port_number(*parts.port);
        if (!port || *port == 0) return bad_url(text, "its port is not a number between 1 and 65535");
        url.port = *port;
    }
    if (slash != std::string_view::npos) url.base_path = rest.substr(slash);
    if (!url.base_path.ends_with('/')) url.base_path += '/';
    return url;
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
    const HostPort parts = split(text);
    const auto port = parts.port ? port_number(*parts.port) : std::nullopt;
    if (parts.host.empty() || !port) {
        return Error{
            Errc::bad_argument,
            "'" + std::string(text) +
                "' is not an address to listen at; write HOST:PORT, such as 127.0.0.1:8000"};
    }
    return ListenAddress{std::string(parts.host), *port};
}

}  // namespace csim
