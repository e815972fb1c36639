#include "agent_proto/outbox.hpp"

#include <algorithm>

namespace csim {

void Outbox::push(Priority priority, Message message, UniqueFunction<void()> after_attempt) {
    auto& queue = queues_[static_cast<std::size_t>(priority)];
    queue.push_back({std::move(message), std::move(after_attempt)});
}

Batch Outbox::take_batch() {
    Batch batch;
    batch.bytes = envelope_bytes_;
    for (auto& queue : queues_) {
        std::size_t taken = 0;
        for (Outgoing& outgoing : queue) {
            const std::size_t separator = batch.empty() ? 0 : 1;
            const std::size_t bytes = batch.bytes + separator + encoded_size(outgoing.message);
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
