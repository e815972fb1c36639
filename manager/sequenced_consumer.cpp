#include "manager/sequenced_consumer.hpp"

#include <exception>
#include <utility>

namespace csim {

SequencedConsumer::SequencedConsumer(AgentService& service, std::string plugin, ReportHandler& handler)
    : service_(service), plugin_(std::move(plugin)), handler_(handler) {}

Result<Nothing> SequencedConsumer::data(const Message& message, SessionMemo& memo) {
    const bool first = memo.seq < 0;
    const bool expected =
        first ? message.session_seq == 0 : memo.seq < INT64_MAX && message.session_seq == memo.seq + 1;
    if (!expected)
        return reset(message, {Errc::corrupt, "a report of " + plugin_ + " is missing or came twice"});
    ++memo.seq;
    return hand_over(message, memo, first);
}

Result<Nothing> SequencedConsumer::hand_over(const Message& message, SessionMemo& memo, bool full) {
    try {
        auto taken = full ? handler_.full_report(message.fqdn, message.body, memo)
                          : handler_.incremental_report(message.fqdn, message.body, memo);
        if (taken.has_value()) return taken;
        return reset(message, taken.error());
    } catch (const std::exception& exception) {
        return reset(message, {Errc::corrupt, exception.what()});
    }
}

Result<Nothing> SequencedConsumer::reset(const Message& message, Error why) {
    ++resets_;
    service_.reset_session(message.fqdn, plugin_, *message.session_id);
    return why;
}

}  // namespace csim
