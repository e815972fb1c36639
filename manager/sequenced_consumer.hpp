// Guards consumers that must not miss a report: a session starts with sequence number 0 and a full report,
// and any gap resets the session. Source: the agent protocol, §3.13. Differs: a reset names the session it
// means.
#pragma once

#include "manager/agent_service.hpp"
#include "manager/consumer.hpp"

#include <cstdint>
#include <string>

namespace csim {

/// Takes reports in sequence. An error resets the session, so that a full report follows.
class ReportHandler {
  public:
    virtual ~ReportHandler() = default;
    /// `memo`: the row in it is the handler's to use, until it ends the session.
    virtual Result<Nothing> full_report(const std::string& fqdn, const Body& body, SessionMemo& memo) = 0;
    virtual Result<Nothing> incremental_report(
        const std::string& fqdn, const Body& body, SessionMemo& memo
    ) = 0;
};

/// Subscribe it for `plugin`.
class SequencedConsumer final : public Consumer {
  public:
    SequencedConsumer(AgentService& service, std::string plugin, ReportHandler& handler);

    Result<Nothing> data(const Message& message, SessionMemo& memo) override;

    std::uint64_t resets() const { return resets_; }

  private:
    Result<Nothing> reset(const Message& message, Error why);
    Result<Nothing> hand_over(const Message& message, SessionMemo& memo, bool full);

    AgentService& service_;
    std::string plugin_;
    ReportHandler& handler_;
    std::uint64_t resets_ = 0;
};

}  // namespace csim
