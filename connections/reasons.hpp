// Why a connection ended or never came to be: a closed list, each with a class that says whom to blame.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace csim::connections {

enum class Reason : std::uint8_t {
    none,
    connect_refused,
    connect_timeout,
    connect_unreachable,
    no_local_port,
    no_descriptor,
    no_memory,
    tls_alert,  ///< code: the peer's alert
    tls_verify,
    tls_timeout,
    tls_protocol,
    alpn_refused,
    client_cert_rejected,  ///< code: the peer's alert
    reset,
    eof_without_notify,
    close_notify,
    goaway,  ///< code: of HTTP/2
    server_close_header,
    idle_408,
    request_timeout,
    protocol_h1,
    protocol_h2,  ///< code: of HTTP/2
    bad_record_mac,
    unsolicited_data,
    settings_timeout,
    stream_ids_used_up,
    churn,
    lifetime,
    worker_lost,
    drain,
    count_
};
constexpr std::size_t reason_count = static_cast<std::size_t>(Reason::count_);

enum class Blame : std::uint8_t {
    ours,           ///< we closed it because we were told to
    peer_expected,  ///< the peer closed it as the protocol allows
    failed_open,    ///< it never came to be held
    drop,           ///< it was held and lost
};

/// As in reports: `connect-refused`, `tls-alert`.
std::string_view text_of(Reason reason);
/// With its code: `tls-alert:42`.
std::string text_of(Reason reason, std::uint32_t code);
/// What an end counts as. `held`: the connection had been confirmed.
Blame blame_of(Reason reason, std::uint32_t code, bool held);

}  // namespace csim::connections
