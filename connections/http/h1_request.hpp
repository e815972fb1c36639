// Reads requests of HTTP/1.1 as they come, for the lean server. No I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace csim::connections {

/// What a server of ours needs of a request, whichever protocol brought it.
struct Request {
    std::string method, path;
    std::string body;  ///< at most body_bytes_max
    bool keep_open = true;
};
constexpr std::size_t request_body_bytes_max = 1024 * 1024;

class H1Request {
  public:
    enum class State : std::uint8_t { need_more, complete, bad };
    static constexpr std::size_t head_bytes_max = 16 * 1024;

    /// Uses as many bytes as belong to this request.
    std::size_t feed(std::string_view bytes);
    State state() const { return state_; }
    int refusal() const { return refusal_; }  ///< bad: the status to answer with
    bool started() const { return !head_.empty(); }
    /// Requires: complete. Begins anew.
    Request take();

  private:
    bool parse_head();
    bool take_field(std::string_view line);
    bool fail(int status);

    State state_ = State::need_more;
    int refusal_ = 400;
    bool in_body_ = false;
    bool have_length_ = false;
    std::uint64_t left_ = 0;
    std::string head_;
    Request request_;
};

}  // namespace csim::connections
