// The ways in which the lean server can misbehave on purpose, so that a client can be seen to count them.
#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace csim::connections {

enum class Fault : std::uint8_t {
    none,
    reset_at_accept,
    close_at_accept,
    garbage_at_accept,      ///< answers with what is not TLS
    hang_in_handshake,      ///< reads nothing, says nothing
    expired_certificate,    ///< its certificate is no longer valid; all connections
    alert_after_handshake,  ///< access_denied, as for a client certificate that is turned down
    unsolicited,            ///< sends a reply that nobody asked for
    garbage_record,         ///< answers with a record that does not decrypt
    half_close,             ///< answers with the end of the TCP stream alone
    close_notify,           ///< answers with a polite end
    reset,                  ///< answers with a reset
    never_answer,
    oversized_headers,  ///< of 80 kB
    bad_reply,          ///< HTTP/1.1: not HTTP; HTTP/2: a frame that may not be
    go_away,            ///< HTTP/2: GOAWAY with an error
    reset_stream,       ///< HTTP/2: RST_STREAM
    short_body,         ///< HTTP/1.1: ends before the length that it told
    key_update,         ///< asks for new keys before each answer; not a fault, but rare
};

struct FaultPlan {
    Fault fault = Fault::none;
    double share = 1;  ///< of connections
};

/// `NAME` or `NAME=SHARE`. Errors: bad_argument, with the names there are.
Result<FaultPlan> parse_fault(const std::string& text);
std::string_view text_of(Fault fault);
const std::vector<Fault>& all_faults();

}  // namespace csim::connections
