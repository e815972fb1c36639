#include "connections/reasons.hpp"

namespace csim::connections {
namespace {

constexpr std::string_view names[reason_count] = {
    "none",
    "connect-refused",
    "connect-timeout",
    "connect-unreachable",
    "no-local-port",
    "no-descriptor",
    "no-memory",
    "tls-alert",
    "tls-verify",
    "tls-timeout",
    "tls-protocol",
    "alpn-refused",
    "client-cert-rejected",
    "reset",
    "eof-without-notify",
    "close-notify",
    "goaway",
    "server-close-header",
    "idle-408",
    "request-timeout",
    "protocol-h1",
    "protocol-h2",
    "bad-record-mac",
    "unsolicited-data",
    "settings-timeout",
    "stream-ids-used-up",
    "churn",
    "lifetime",
    "worker-lost",
    "drain",
};

}  // namespace

std::string_view text_of(Reason reason) {
    return names[static_cast<std::size_t>(reason)];
}

std::string text_of(Reason reason, std::uint32_t code) {
    const bool coded = reason == Reason::tls_alert || reason == Reason::client_cert_rejected ||
                       reason == Reason::goaway || reason == Reason::protocol_h2;
    return std::string(text_of(reason)) + (coded ? ":" + std::to_string(code) : "");
}

Blame blame_of(Reason reason, std::uint32_t code, bool held) {
    switch (reason) {
        case Reason::churn:
        case Reason::lifetime:
        case Reason::drain:
        case Reason::stream_ids_used_up:
            return Blame::ours;
        case Reason::goaway:
            if (code == 0) return Blame::peer_expected;
            break;
        case Reason::server_close_header:
        case Reason::idle_408:
            return Blame::peer_expected;
        default:
            break;
    }
    return held ? Blame::drop : Blame::failed_open;
}

}  // namespace csim::connections
