// Conversations in bytes with TCP servers, such as a power strip's telnet menu, seen from the client.
#pragma once

#include "core/event_loop.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace csim {

/// One side of a conversation. Used on the I/O thread only, until it is handed back.
class Conversation {
  public:
    virtual ~Conversation() = default;
    /// What to say before anything was heard; nothing: the server speaks first.
    virtual std::string opening() { return {}; }
    /// Returns what to send, often nothing.
    virtual std::string received(std::string_view bytes) = 0;
    /// Nothing is left to say: the connection is closed once what was said has been sent.
    virtual bool over() const = 0;
};

/// Any number of conversations at once. Its thread starts with the first one.
class ByteClient {
  public:
    /// The conversation as it ended. Errors: unreachable, it never began or took longer than its limit.
    using Done = UniqueFunction<void(std::unique_ptr<Conversation>, Result<Nothing>)>;

    explicit ByteClient(Inbox& inbox);
    ~ByteClient();  ///< conversations that go on are dropped, their `done` never runs
    ByteClient(const ByteClient&) = delete;

    /// `address` is numeric. `done` runs once on the inbox's thread.
    void converse(
        std::string address, std::uint16_t port, Duration limit, std::unique_ptr<Conversation> conversation,
        Done done
    );

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace csim
