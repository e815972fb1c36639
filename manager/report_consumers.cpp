// Handlers find the host and count; the model's part does the rest.
#include "manager/report_consumers.hpp"

namespace csim {

class ReportConsumers::Handler final : public ReportHandler {
  public:
    Handler(ReportConsumers& owner, const std::string& plugin, Apply apply)
        : owner_(owner),
          meter_("agent_" + plugin + "_rx"),
          apply_(apply),
          queued_(plugin == "systemd_journal") {}

    Result<Nothing> full_report(const std::string& fqdn, const Body& body, SessionMemo& memo) override {
        return take(fqdn, body, memo);
    }
    Result<Nothing> incremental_report(const std::string& fqdn, const Body& body, SessionMemo& memo)
        override {
        return take(fqdn, body, memo);
    }

    QueueMeter& meter() { return meter_; }

  private:
    Result<Nothing> take(const std::string& fqdn, const Body& body, SessionMemo& memo) {
        const SimTime now = owner_.model_.now();
        meter_.published(now);
        if (queued_) {
            owner_.enqueue(fqdn, body);
            return Nothing{};
        }
        meter_.acknowledged(now);
        const HostRow* host = owner_.host_of(fqdn, memo);
        if (host == nullptr || apply_ == nullptr || body.is_null()) return Nothing{};
        return (owner_.data_.*apply_)(host->id, body);
    }

    ReportConsumers& owner_;
    QueueMeter meter_;
    Apply apply_;
    bool queued_;
};

ReportConsumers::ReportConsumers(
    Model& model, AgentService& service, AgentData& data, JournalQueueOptions journal
)
    : model_(model), data_(data), options_(journal) {
    struct Row {
        const char* plugin;
        Apply apply;
    };
    for (const Row& row :
         {Row{"systemd_journal", &AgentData::journal_report}, Row{"lustre", &AgentData::lustre_report},
          Row{"linux", &AgentData::linux_report}, Row{"linux_network", &AgentData::network_report},
          Row{"corosync", &AgentData::corosync_report}, Row{"simulator_controller", nullptr}}) {
        handlers_.push_back(std::make_unique<Handler>(*this, row.plugin, row.apply));
        consumers_.push_back(std::make_unique<SequencedConsumer>(service, row.plugin, *handlers_.back()));
        service.subscribe(row.plugin, *consumers_.back());
    }
}

ReportConsumers::~ReportConsumers() {
    model_.timeline.cancel(journal_timer_);
}

/// A session belongs to one host: it is looked up once.
const HostRow* ReportConsumers::host_of(const std::string& fqdn, SessionMemo& memo) const {
    const std::uint64_t stamp = model_.hosts.membership();
    if (memo.row_stamp != stamp) {
        memo.row = model_.host_by_fqdn(fqdn);
        memo.row_stamp = stamp;
    }
    return static_cast<const HostRow*>(memo.row);
}

void ReportConsumers::enqueue(const std::string& fqdn, const Body& body) {
    if (journal_.size() >= options_.messages_max) {
        ++journal_dropped_;
        return;
    }
    journal_.push_back({fqdn, body});
    if (journal_.size() > 1) return;
    journal_timer_ = model_.timeline.after(Duration{}, [this] { store_next(); });
}

void ReportConsumers::store_next() {
    const Line line = std::move(journal_.front());
    journal_.pop_front();
    handlers_.front()->meter().acknowledged(model_.now());
    const HostRow* host = model_.host_by_fqdn(line.fqdn);
    if (host != nullptr && !line.body.is_null()) (void)data_.journal_report(host->id, line.body);
    if (journal_.empty()) return;
    const auto pause = Duration(static_cast<std::int64_t>(1e9 / options_.messages_per_second));
    journal_timer_ = model_.timeline.after(pause, [this] { store_next(); });
}

std::vector<QueueFigures> ReportConsumers::figures() const {
    std::vector<QueueFigures> figures;
    for (const auto& handler : handlers_) {
        const bool journal = handler == handlers_.front();
        figures.push_back(handler->meter().figures(model_.now(), journal ? journal_.size() : 0));
    }
    return figures;
}

}  // namespace csim
