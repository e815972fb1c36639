// Beast's HTTP parser, fed by hand, filling HttpRequest and HttpReply directly. Compiled in one unit only.
// A reader is made when the first byte of a message arrives, so that idle connections own none.
#pragma once

#include "core/unique_function.hpp"
#include "net/http.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace csim {

enum class ReadStatus { need_more, complete, bad };

struct ReadStep {
    ReadStatus status = ReadStatus::need_more;
    std::size_t consumed = 0;   ///< the rest must be presented again, followed by more
    unsigned error_status = 0;  ///< bad: what a server answers (400, 413, 431, 501, 505)
    std::string what;           ///< bad: one phrase
};

/// Reads one request.
class RequestReader {
  public:
    using BodyLimit = UniqueFunction<std::size_t(std::string_view target)>;
    /// `limit` is asked once the header is complete; it outlives the reader.
    RequestReader(std::size_t header_bytes_max, BodyLimit& limit);
    ~RequestReader();

    ReadStep feed(std::string_view bytes);
    /// True once, when the header is complete, the body is not, and the client waits for a `100 Continue`.
    bool wants_continue();
    bool keep_alive() const;
    bool http_1_0() const;
    /// Requires: complete. Absolute-form targets have become paths.
    HttpRequest take();

  private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

/// Reads one reply; informational ones (1xx) before it are skipped.
class ReplyReader {
  public:
    ReplyReader(std::size_t body_bytes_max, bool to_head);
    ~ReplyReader();

    ReadStep feed(std::string_view bytes);
    /// The peer closed. True if that completes the reply, as it does one without a length.
    bool feed_end();
    bool keep_alive() const;
    HttpReply take();

  private:
    struct Parser;
    void restart();
    std::size_t body_bytes_max_;
    bool to_head_;
    std::unique_ptr<Parser> parser_;
};

}  // namespace csim
