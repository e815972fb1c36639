// The writer of an agent: one post at a time, and what its failure costs.
#include "agent_proto/agent.hpp"

#include <algorithm>
#include <utility>

namespace csim {
namespace {

constexpr unsigned status_too_large = 413;
constexpr std::size_t batch_bytes_min = 65'536;

}  // namespace

/// A writer of the original that has nothing to do sends the first report of a pass at once, and the others
/// together after it: two posts where ours makes one.
void Agent::pump() {
    while (running_ && !posting_ && !outbox_.empty()) {
        const bool alone = setup_.habits.reference && sessions_open() > 0;
        if (send_batch(outbox_.take_batch(alone ? 1 : SIZE_MAX))) return;
    }
}

/// False if nothing was sent because no manager would take it.
bool Agent::send_batch(Batch batch) {
    if (batch.bytes > post_bytes_max && !setup_.habits.reference) {
        drop_oversized(batch);
        return false;
    }
    posted_plugins_ = 0;
    for (const Message& message : batch.messages) {
        if (message.type == MessageType::data) posted_plugins_ |= 1ULL << *sessions_->find(*message.plugin);
    }
    posted_callbacks_ = std::move(batch.after_attempt);
    posting_ = true;
    posted_at_ = peers_.timeline.now();
    ++counters_.posts;
    counters_.messages_sent += batch.messages.size();
    AgentPost post{times_.server_boot_time, times_.client_start_time, std::move(batch.messages)};
    auto done = [this, process = process_, bytes = batch.bytes](const Outcome<Nothing>& outcome) {
        if (process == process_) post_done(outcome, bytes);
    };
    peers_.transport.post(std::move(post), std::move(done));
    return true;
}

void Agent::drop_oversized(const Batch& batch) {
    const Message& message = batch.messages.front();
    skip(message, "a report that is too large to send");
    const auto plugin = *sessions_->find(*message.plugin);
    if (plugin == action_plugin_) actions_.abort_all();
    sessions_->end_and_wait(plugin, SessionEnd::post_failed, peers_.timeline.now());
}

/// Callbacks run before the next post may leave: what they do may end this process.
void Agent::post_done(const Outcome<Nothing>& outcome, std::size_t bytes) {
    if (!outcome) post_failed(outcome.error(), bytes);
    if (outcome) setup_.watch->post_answered(peers_.timeline.now() - posted_at_);
    for (std::size_t plugin = 0; outcome && plugin < sessions_->count(); ++plugin) {
        if ((posted_plugins_ >> plugin & 1) != 0) sessions_->delivered(plugin);
    }
    const std::uint32_t process = process_;
    auto callbacks = std::exchange(posted_callbacks_, {});
    for (auto& callback : callbacks) {
        callback();
        if (process != process_) return;
    }
    posting_ = false;
    // Here, unlike in pump(), everything that came meanwhile goes together.
    while (running_ && !posting_ && !outbox_.empty()) send_batch(outbox_.take_batch());
    arm();
}

void Agent::post_failed(const Failure& failure, std::size_t bytes) {
    ++counters_.post_failures;
    setup_.watch->post_failed(failure);
    const bool too_large = failure.status == status_too_large && !setup_.habits.reference;
    if (too_large) {
        const std::size_t smaller = std::min(bytes, outbox_.batch_bytes_max()) / 2;
        outbox_.limit_batches(std::max(smaller, batch_bytes_min));
    }
    for (std::size_t plugin = 0; plugin < sessions_->count(); ++plugin) {
        if ((posted_plugins_ >> plugin & 1) == 0) continue;
        if (plugin == action_plugin_) actions_.abort_all();
        const SimTime now = peers_.timeline.now();
        if (too_large) {
            sessions_->end_and_wait(plugin, SessionEnd::post_failed, now);
        } else {
            sessions_->end(plugin, SessionEnd::post_failed, now);
        }
    }
}

}  // namespace csim
