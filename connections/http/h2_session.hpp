// One HTTP/2 connection on top of nghttp2, for either end, that can be frozen to a few bytes while no stream
// is open and thawed again without the peer noticing. No I/O: bytes in, bytes out. Source: RFC 9113;
// specification of mass connections, 4.5.
#pragma once

#include "connections/http/h1_request.hpp"
#include "connections/http/h2_idle.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct nghttp2_session;

namespace csim::connections {

/// One answered stream, as a client sees it.
struct H2Answer {
    std::int32_t stream = 0;
    int status = 0;
    std::uint64_t body_bytes = 0;
    std::uint32_t reset = 0;  ///< the stream's error code; 0 when it ended as it should
    bool refused = false;     ///< never processed: to be repeated elsewhere
};

/// What a session tells while it is fed.
class H2Events {
  public:
    virtual ~H2Events() = default;
    virtual void answered(const H2Answer&) {}
    virtual void first_bytes(std::int32_t) {}
    /// A server's: a whole request came.
    virtual void asked(std::int32_t, Request) {}
    virtual void going_away(std::uint32_t /*code*/, std::int32_t /*last_stream*/) {}
};

/// Further fields of a request, names in lower case.
using H2Fields = std::vector<std::pair<std::string, std::string>>;

struct H2Options {
    std::uint32_t initial_window = 65'535;
    std::uint32_t streams_max = 100;  ///< a server's
    /// Of the connection. More than the 65,535 of the protocol, for an end whose sending window is below them
    /// cannot be frozen.
    std::int32_t connection_window = 1 << 20;
};

class H2Session {
  public:
    enum class Role : std::uint8_t { client, server };

    /// A connection that has just been opened; a client's preface is ready to be sent.
    H2Session(Role role, const H2Options& options, H2Events& events);
    /// The connection that was frozen.
    H2Session(
        Role role, const H2Options& options, H2Events& events, const H2Idle& idle, const H2Settings& peer
    );
    ~H2Session();
    H2Session(const H2Session&) = delete;

    /// False: the peer broke the protocol; code() says how. What is then to be sent is its GOAWAY.
    bool feed(std::string_view bytes);
    std::uint32_t code() const;
    /// Appends what is to be sent now.
    void drain(std::string& out);

    /// The stream's number; below zero: none can be opened on this connection any more.
    std::int32_t request(
        std::string_view method, std::string_view authority, std::string_view path, std::string_view body,
        const H2Fields& fields = {}
    );
    /// `filler` comes in 32 header fields, for tests of limits.
    void reply(std::int32_t stream, int status, std::string_view body, std::string_view filler = {});
    void reset(std::int32_t stream, std::uint32_t code);
    void go_away(std::uint32_t code);
    void ping();
    /// The last ping has not been answered yet.
    bool pinging() const;

    /// The peer allows a further stream now.
    bool can_request() const;
    /// Our settings were acknowledged.
    bool settled() const;
    std::size_t open_streams() const;
    /// Nothing is open, owed, unacknowledged or halfway in.
    bool can_freeze() const;
    /// What to keep. Appends the window that has to be given back first. Requires: can_freeze().
    H2Idle freeze(H2Profiles& profiles, std::string& out);

    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace csim::connections
