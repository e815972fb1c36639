// Between the agent service and the model: one consumer per plugin, with the figures of its queue. Log lines
// wait in a real queue, because nobody needs them at once and a flood of them must not hold up anything else.
#pragma once

#include "manager/agent_data/agent_data.hpp"
#include "manager/queue_meter.hpp"
#include "manager/sequenced_consumer.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace csim {

struct JournalQueueOptions {
    double messages_per_second = 50;  ///< of at most 64 lines each
    std::size_t messages_max = 100'000;
};

class ReportConsumers {
  public:
    ReportConsumers(Model& model, AgentService& service, AgentData& data, JournalQueueOptions journal);
    ~ReportConsumers();

    /// In the order in which the status page lists them.
    std::vector<QueueFigures> figures() const;
    /// Messages that found the queue of log lines full.
    std::uint64_t journal_dropped() const { return journal_dropped_; }

  private:
    using Apply = Result<Nothing> (AgentData::*)(std::int64_t host, const Body& body);
    class Handler;
    struct Line {
        std::string fqdn;
        Body body;
    };
    const HostRow* host_of(const std::string& fqdn, SessionMemo& memo) const;
    void enqueue(const std::string& fqdn, const Body& body);
    void store_next();

    Model& model_;
    AgentData& data_;
    JournalQueueOptions options_;
    std::vector<std::unique_ptr<Handler>> handlers_;
    std::vector<std::unique_ptr<SequencedConsumer>> consumers_;
    std::deque<Line> journal_;
    EventId journal_timer_;
    std::uint64_t journal_dropped_ = 0;
};

}  // namespace csim
