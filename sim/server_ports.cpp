#include "sim/server_ports.hpp"

#include "fakes/actions/action_scope.hpp"
#include "fakes/actions/action_table.hpp"
#include "fakes/plugins/server_reports.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <utility>

namespace csim {
namespace {

Result<Report> as_report(Result<PluginReport> from) {
    if (!from) return from.error();
    return Report{std::move(from->bodies), from->low_priority ? Priority::low : Priority::normal};
}

class ServerReportPort final : public ReportPort {
  public:
    explicit ServerReportPort(ServerReports reports) : reports_(std::move(reports)) {}

    const std::vector<SharedText>& plugins() const override { return ServerReports::plugins(); }
    Result<Report> first_report(std::string_view plugin) override {
        return as_report(reports_.first(plugin));
    }
    Result<Report> next_report(std::string_view plugin, bool full) override {
        return as_report(reports_.next(plugin, full));
    }
    Result<Report> snapshot(std::string_view plugin) override { return as_report(reports_.snapshot(plugin)); }
    void session_ended(std::string_view plugin) override { reports_.session_ended(plugin); }

    ServerReports& reports() { return reports_; }

  private:
    ServerReports reports_;
};

/// Runs actions in their own time, and tells of each only when what it changed is on disk.
class ServerActionPort final : public ActionPort {
  public:
    ServerActionPort(World& world, FakeServer& node, ServerReports& reports)
        : world_(world), node_(node), reports_(reports) {}
    ~ServerActionPort() override {
        for (auto& [id, action] : *running_) world_.context().timeline.cancel(action.event);
    }

    void start(const ActionCall& call, UniqueFunction<void(ActionOutcome)> done) override;
    void cancel(const std::string& id) override;

  private:
    struct Running {
        std::string name;
        Json args;
        EventId event;
        UniqueFunction<void(ActionOutcome)> done;
    };
    using RunningById = std::map<std::string, Running>;

    void run(const std::string& id);
    ActionOutcome outcome_of(Result<ActionReply> reply);
    ActionScope scope();

    World& world_;
    FakeServer& node_;
    ServerReports& reports_;
    std::shared_ptr<RunningById> running_ = std::make_shared<RunningById>();
};

void ServerActionPort::start(const ActionCall& call, UniqueFunction<void(ActionOutcome)> done) {
    const ActionSpec* const row = find_action(call.name);
    Running& action = (*running_)[call.id];
    action = {call.name, *call.args, {}, std::move(done)};
    action.event = world_.context().timeline.after(
        row == nullptr ? Duration(0) : row->takes, [this, id = call.id] { run(id); }
    );
}

void ServerActionPort::cancel(const std::string& id) {
    const auto found = running_->find(id);
    if (found == running_->end()) return;
    world_.context().timeline.cancel(found->second.event);
    running_->erase(found);
}

ActionScope ServerActionPort::scope() {
    return ActionScope{
        .server = node_,
        .timeline = world_.context().timeline,
        .trace = world_.context().trace,
        .devices = &world_.devices(),
        .targets = &world_.targets(),
        .statistics = &world_.statistics(),
        .hsm = &world_.hsm(),
        .reports = &reports_};
}

void ServerActionPort::run(const std::string& id) {
    Running& action = running_->at(id);
    ActionScope on = scope();
    ActionOutcome outcome = outcome_of(run_action(on, action.name, action.args));
    world_.context().documents.when_durable([weak = std::weak_ptr(running_), id,
                                             outcome = std::move(outcome)]() mutable {
        const auto running = weak.lock();
        if (running == nullptr) return;
        auto ended = running->extract(id);
        if (!ended.empty()) ended.mapped().done(std::move(outcome));
    });
}

ActionOutcome ServerActionPort::outcome_of(Result<ActionReply> reply) {
    ActionOutcome outcome;
    if (!reply) {
        outcome.result = "null";
        outcome.exception = reply.error().detail;
        return outcome;
    }
    outcome.result = reply->result.dump();
    if (reply->aftermath != Aftermath::none) {
        outcome.after_reply = [&node = node_, aftermath = reply->aftermath] {
            if (node.up()) apply_aftermath(node, aftermath);
        };
    }
    return outcome;
}

}  // namespace

NodePorts make_server_ports(World& world, FakeServer& node) {
    const ReportSources sources{&world.devices(), &world.targets(), &world.statistics()};
    auto reports = std::make_unique<ServerReportPort>(ServerReports(node, world.context().timeline, sources));
    auto actions = std::make_unique<ServerActionPort>(world, node, reports->reports());
    return {std::move(reports), std::move(actions)};
}

}  // namespace csim
