#include "manager/sequenced_consumer.hpp"

#include <exception>
#include <utility>

namespace csim {

SequencedConsumer::SequencedConsumer(AgentService& service, std::string plugin, ReportHandler& handler)
    : service_(service), plugin_(std::move(plugin)), handler_(handler) {}

void SequencedConsumer::session_terminated(const std::string& fqdn, const std::string& session_id) {
    const auto known = progress_.find(fqdn);
    if (known != progress_.end() && known->second.session_id == session_id) progress_.erase(known);
}

void SequencedConsumer::all_sessions_terminated() {
    progress_.clear();
}

Result<Nothing> SequencedConsumer::data(const Message& message) {
    const auto known = progress_.find(message.fqdn);
    const bool same = known != progress_.end() && known->second.session_id == *message.session_id;
    if (same && known->second.seq < INT64_MAX && message.session_seq == known->second.seq + 1) {
        ++known->second.seq;
        return hand_over(message, false);
    }
    if (!same && message.session_seq == 0) {
        progress_[message.fqdn] = {*message.session_id, 0};
        return hand_over(message, true);
    }
    return reset(message, {Errc::corrupt, "a report of " + plugin_ + " is missing or came twice"});
}

Result<Nothing> SequencedConsumer::hand_over(const Message& message, bool full) {
    try {
        auto taken = full ? handler_.full_report(message.fqdn, message.body)
                          : handler_.incremental_report(message.fqdn, message.body);
        if (taken.has_value()) return taken;
        return reset(message, taken.error());
    } catch (const std::exception& exception) {
        return reset(message, {Errc::corrupt, exception.what()});
    }
}

Result<Nothing> SequencedConsumer::reset(const Message& message, Error why) {
    ++resets_;
    progress_.erase(message.fqdn);
    service_.reset_session(message.fqdn, plugin_, *message.session_id);
    return why;
}

}  // namespace csim
