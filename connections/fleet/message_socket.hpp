// Messages over a stream socket that never blocks: a kind of one byte, and bytes. Between a coordinator and
// its workers (a pair of sockets) and between ranks (TCP).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace csim::connections {

/// What members of a crew say to each other.
enum class Word : char {
    hello = 'H',  ///< up: the version of the program, and its pid
    plan = 'P',   ///< down: a plan and a share, as JSON
    ready = 'R',  ///< up: the plan can be carried out; totals before it is
    error = 'E',  ///< up: it cannot; one sentence
    start = 'G',  ///< down: make connections
    hold = 'B',   ///< down: the hold begins
    drain = 'X',  ///< down: close everything
    stats = 'S',  ///< up: totals so far
    done = 'D',   ///< up: totals at the end
};

struct Message {
    Word word;
    std::string bytes;
};

class MessageSocket {
  public:
    static constexpr std::size_t message_bytes_max = 16 * 1024 * 1024;

    MessageSocket() = default;
    /// Takes the descriptor over.
    explicit MessageSocket(int fd);
    MessageSocket(MessageSocket&& other) noexcept;
    MessageSocket& operator=(MessageSocket&& other) noexcept;
    ~MessageSocket();

    int fd() const { return fd_; }
    /// Nothing can come or go any more.
    bool broken() const { return broken_; }
    bool wants_write() const { return !out_.empty(); }

    void send(Word word, std::string_view bytes = {});
    /// Moves what can be moved now.
    void pump();
    /// The next whole message that came.
    std::optional<Message> receive();
    /// Sends the rest, waiting for at most `limit_ms`.
    void flush(int limit_ms);

  private:
    int fd_ = -1;
    bool broken_ = false;
    std::string in_, out_;
};

}  // namespace csim::connections
