// WebSocket frames (RFC 6455) without I/O: both ends, no extensions.
#pragma once

#include "net/http.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

enum class WsKind : std::uint8_t { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Whether the request asks for version 13 of the protocol, with a key.
bool asks_for_websocket(const HttpRequest& request);
/// What the answer to `Sec-WebSocket-Key` is.
std::string websocket_accept(std::string_view key);

/// One whole frame. Clients mask theirs: any `mask` but 0.
std::string ws_frame(WsKind kind, std::string_view payload, std::uint32_t mask = 0);
/// The payload of a close frame.
std::string ws_close_payload(unsigned code, std::string_view reason = {});

struct WsMessage {
    WsKind kind = WsKind::text;  ///< never `more`: fragments are put together
    std::string payload;
};

/// Reads what one side sends.
class WsReader {
  public:
    enum class From { client, server };
    WsReader(From from, std::size_t message_bytes_max) : from_(from), message_bytes_max_(message_bytes_max) {}

    /// Appends whole messages to `into`. Returns 0, or the close code that a wrong frame deserves (1002 not
    /// the protocol, 1009 too large); nothing is read any more then.
    unsigned feed(std::string_view bytes, std::vector<WsMessage>& into);

  private:
    struct Head {
        std::size_t size = 0;  ///< of the head itself; 0: more bytes are needed
        std::uint64_t payload = 0;
        WsKind kind = WsKind::text;
        bool last = false, masked = false;
        unsigned char mask[4] = {};
        unsigned wrong = 0;
    };
    Head head(std::string_view bytes) const;
    unsigned take(const Head& head, std::string payload, std::vector<WsMessage>& into);

    const From from_;
    const std::size_t message_bytes_max_;
    std::string unread_;
    std::string whole_;
    WsKind whole_kind_ = WsKind::more;
    unsigned failed_ = 0;
};

}  // namespace csim
