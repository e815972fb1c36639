// What an agent still has to send, in the order in which it will go, cut into posts that a manager takes.
#pragma once

#include "agent_proto/ports.hpp"
#include "core/unique_function.hpp"
#include "wire/message.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace csim {

/// Messages of one post, and what to run once the post was attempted.
struct Batch {
    std::vector<Message> messages;
    std::vector<UniqueFunction<void()>> after_attempt;
    std::size_t bytes = 0;  ///< length of the encoded post; 0 if the outbox does not weigh

    bool empty() const { return messages.empty(); }
};

/// A stable priority queue: lower priority value first, then order of arrival. Occupies no heap while empty.
/// Source: §3.11 of the protocol. Differs: order is stable (B-12), separators count (B-17), and a callback
/// belongs to the one batch that carries its message (B-30).
class Outbox {
  public:
    /// `envelope_bytes` is the encoded size of a post without messages.
    explicit Outbox(std::size_t envelope_bytes = 0) : envelope_bytes_(envelope_bytes) {}
    /// Whether lengths count. Without, everything that waits is one post.
    void weigh(bool weighs) { weighs_ = weighs; }

    void push(Priority priority, Message message, UniqueFunction<void()> after_attempt = {});

    /// As many messages as fit, in order; a message that is too long for any post comes alone. Not more than
    /// `messages_max`, at least 1. Empty only if there is nothing to send.
    Batch take_batch(std::size_t messages_max = SIZE_MAX);

    /// Posts longer than this are avoided where more than one message is in them. At most post_bytes_max.
    void limit_batches(std::size_t bytes_max);
    std::size_t batch_bytes_max() const { return batch_bytes_max_; }

    bool empty() const;
    std::size_t size() const;
    void clear();

  private:
    struct Outgoing {
        Message message;
        UniqueFunction<void()> after_attempt;
    };
    std::size_t weight(const Batch& batch, const Message& message) const;

    std::size_t envelope_bytes_;
    bool weighs_ = true;
    std::size_t batch_bytes_max_ = post_bytes_max;
    std::array<std::vector<Outgoing>, 3> queues_;
};

}  // namespace csim
