// Reads replies of HTTP/1.1 as they come, keeps nothing of them but status, length and how they ended. No
// I/O. Source: RFC 9112.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace csim::connections {

/// One reply. Informational ones (1xx) before it are skipped. Usable again after reset().
class H1Reply {
  public:
    enum class State : std::uint8_t { need_more, complete, bad };

    static constexpr std::size_t head_bytes_max = 64 * 1024;

    /// Uses as many bytes as belong to this reply. What is left belongs to nobody who was asked.
    std::size_t feed(std::string_view bytes);
    /// The peer ended the stream: completes a reply that ends with it. False if it was cut off.
    bool feed_end();
    void reset(bool to_head = false);

    State state() const { return state_; }
    const char* problem() const { return problem_; }  ///< one phrase when bad
    bool started() const { return started_; }
    int status() const { return status_; }
    std::uint64_t body_bytes() const { return body_bytes_; }
    /// The peer keeps the connection open after this reply. Requires: complete.
    bool keeps_open() const { return keep_open_ && !until_end_; }

  private:
    enum class Part : std::uint8_t {
        status_line,
        fields,
        body,
        until_end,
        chunk_size,
        chunk,
        chunk_end,
        trailers
    };

    bool take_line(std::string_view line);
    bool take_status_line(std::string_view line);
    bool take_field(std::string_view line);
    bool take_connection(std::string_view value);
    bool take_length(std::string_view value);
    bool take_chunk_size(std::string_view line);
    bool end_of_head();
    std::size_t take_body(std::string_view bytes);
    bool fail(const char* problem);

    State state_ = State::need_more;
    Part part_ = Part::status_line;
    bool started_ = false;
    bool to_head_ = false;
    bool keep_open_ = true;
    bool until_end_ = false;
    bool chunked_ = false;
    bool have_length_ = false;
    int status_ = 0;
    std::uint64_t left_ = 0;  ///< of the body or the chunk
    std::uint64_t body_bytes_ = 0;
    std::size_t head_bytes_ = 0;
    const char* problem_ = "";
    std::string line_;  ///< the part of one that came so far
};

/// Whether a comma-separated list of words holds `word`, in any case.
bool list_holds(std::string_view list, std::string_view word);
/// `name: value` with the value trimmed; the name is empty when it is not a field as it must be.
struct H1Field {
    std::string_view name, value;
};
H1Field split_field(std::string_view line);
bool same_word(std::string_view a, std::string_view b);

}  // namespace csim::connections
