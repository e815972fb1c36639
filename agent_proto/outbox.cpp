#include "agent_proto/outbox.hpp"

#include <algorithm>

namespace csim {
namespace {

/// Of one pass over the plugins.
constexpr std::size_t usual_messages = 4;

}  // namespace

void Outbox::push(Priority priority, Message message, UniqueFunction<void()> after_attempt) {
    auto& queue = queues_[static_cast<std::size_t>(priority)];
    if (queue.empty()) queue.reserve(usual_messages);
    queue.push_back({std::move(message), std::move(after_attempt)});
}

/// What the message adds to the batch, in bytes.
std::size_t Outbox::weight(const Batch& batch, const Message& message) const {
    if (!weighs_) return 0;
    return (batch.empty() ? 0 : 1) + encoded_size(message);
}

Batch Outbox::take_batch(std::size_t messages_max) {
    Batch batch;
    batch.bytes = weighs_ ? envelope_bytes_ : 0;
    batch.messages.reserve(std::min(size(), messages_max));
    for (auto& queue : queues_) {
        std::size_t taken = 0;
        for (Outgoing& outgoing : queue) {
            if (batch.messages.size() == messages_max) break;
            const std::size_t bytes = batch.bytes + weight(batch, outgoing.message);
            if (!batch.empty() && bytes > batch_bytes_max_) break;
            batch.bytes = bytes;
            batch.messages.push_back(std::move(outgoing.message));
            if (outgoing.after_attempt) batch.after_attempt.push_back(std::move(outgoing.after_attempt));
            ++taken;
        }
        if (taken < queue.size()) {
            queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(taken));
            break;
        }
        std::vector<Outgoing>().swap(queue);
    }
    return batch;
}

void Outbox::limit_batches(std::size_t bytes_max) {
    batch_bytes_max_ = std::min(bytes_max, post_bytes_max);
}

bool Outbox::empty() const {
    return size() == 0;
}

std::size_t Outbox::size() const {
    return queues_[0].size() + queues_[1].size() + queues_[2].size();
}

void Outbox::clear() {
    for (auto& queue : queues_) std::vector<Outgoing>().swap(queue);
}

}  // namespace csim
