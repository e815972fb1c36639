// Actions that are asked for beside the manager: through the control port, by tests, by scenarios.
#pragma once

#include "core/timeline.hpp"
#include "sim/fleet.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace csim {

/// What an action answered, without the wrapper that some answers wear on the wire.
struct ActionValue {
    Json value;
};

/// Runs rows of the action table on servers, each in its own time. Everything on the world's thread.
class ActionDesk {
  public:
    using Done = UniqueFunction<void(Result<ActionValue>)>;

    /// Makes the agent of a node report everything of these plugins, or of all for an empty list.
    using ReportAll = std::function<void(const std::string& fqdn, const std::vector<std::string>& plugins)>;

    ActionDesk(Timeline& timeline, MakePorts ports, ReportAll report_all);
    ~ActionDesk();

    /// `done` runs once, later: when what the action changed is durable, or it failed. What follows the
    /// action (a reboot, a new agent process, complete reports) begins after that. Errors: conflict with the
    /// action's own sentence, or when the server is not up or does not stay up; not_found for an unknown
    /// action.
    void run(FakeServer& node, const std::string& action, const Json& args, Done done);
    /// The server goes down: what runs there ends with conflict.
    void server_down(const std::string& fqdn);
    std::size_t running() const { return jobs_.size(); }

  private:
    struct Job;
    void ended(std::uint64_t id, ActionOutcome outcome);
    void finish(std::uint64_t id, Result<ActionValue> value);

    Timeline& timeline_;
    MakePorts ports_;
    ReportAll report_all_;
    std::uint64_t last_id_ = 0;
    std::map<std::uint64_t, std::shared_ptr<Job>> jobs_;
};

}  // namespace csim
