// The inside of an HTTP/2 session. Included by its units only.
#pragma once

#include "connections/http/h2_session.hpp"

#include <map>
#include <nghttp2/nghttp2.h>

namespace csim::connections {

constexpr std::uint32_t h2_header_list_max = 64 * 1024;

/// Knows whether a stream of frames stands between two of them.
class FrameBoundary {
  public:
    explicit FrameBoundary(std::size_t skipped) : left_(skipped) {}
    void feed(std::string_view bytes);
    bool between() const { return left_ == 0 && header_bytes_ == 0; }

  private:
    std::size_t left_;
    std::size_t header_bytes_ = 0;
    std::uint32_t length_ = 0;
};

struct H2Session::Impl {
    /// One open stream: what a client has of the reply, or a server of the request and of its reply.
    struct Stream {
        int status = 0;
        std::uint64_t received = 0;
        Request request;
        bool refused = false;
        bool first = false;
        std::size_t header_bytes = 0;
        std::string sending;
        std::size_t sent = 0;
    };

    Impl(Role role, const H2Options& options, H2Events& events, bool fresh);
    ~Impl();

    Stream* find(std::int32_t id);
    void note_settings(const nghttp2_settings& frame);
    void on_end_of_stream(std::int32_t id, std::uint32_t code);
    void on_whole_message(std::int32_t id);
    void drop_output();
    void collect_output();
    void replay(const H2Idle& idle, const H2Settings& peer);

    H2Events& events;
    const Role role;
    nghttp2_session* session = nullptr;
    FrameBoundary boundary;
    std::map<std::int32_t, Stream> streams;
    H2Settings peer;
    bool peer_told = false;     ///< its settings came
    bool acknowledged = false;  ///< it acknowledged ours
    bool replaying = false;
    bool pinging = false;
    std::int32_t last_allowed = 0x7fffffff;  ///< by a GOAWAY
    std::uint32_t error = 0;
    bool leaving = false;  ///< we said so ourselves
    std::string output;    ///< not drained yet
    std::uint32_t unreturned = 0;
};

}  // namespace csim::connections
