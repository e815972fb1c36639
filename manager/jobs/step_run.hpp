// A step while it runs: how it talks to agents and how it ends.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/rng.hpp"
#include "manager/action_rpc.hpp"
#include "manager/jobs/turns.hpp"
#include "manager/model/alerts.hpp"
#include "manager/model/model.hpp"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace csim {

class AgentData;
class JobEngine;
class PowerControl;

/// What steps and hooks work with. Set up once by whoever composes the manager.
struct JobServices {
    Model& model;
    Alerts& alerts;
    ActionRpc& rpc;
    Rng rng;
    std::string ntp_server;
    AgentData* agent_data = nullptr;
    JobEngine* engine = nullptr;
    PowerControl* power = nullptr;
    std::function<void(const std::string& fqdn)>
        forget_agent;  ///< ends its sessions, revokes its certificates
    Turns turns{};
};

/// All callbacks that it takes run only as long as the step runs.
class StepRun : public std::enable_shared_from_this<StepRun> {
  public:
    using Then = std::function<void(const Json&)>;
    using End = std::function<void(bool succeeded, std::string text)>;

    StepRun(
        JobServices& services, const JobRow& job, End end, std::function<void(const std::string&)> console
    )
        : services_(services), job_(job), end_(std::move(end)), console_(std::move(console)) {}
    ~StepRun();

    JobServices& services() { return services_; }
    Model& model() { return services_.model; }
    const JobRow& job() const { return job_; }

    /// Runs an action whose result may be wrapped; any failure fails the step.
    void checked(const std::string& fqdn, const std::string& action, Json args, Then then);
    /// Runs an action and takes its result as it is; any failure fails the step.
    void raw(const std::string& fqdn, const std::string& action, Json args, Then then);
    struct Answer {
        Json value;
    };
    /// Runs an action; failures are the caller's to handle. A server that is still being set up is waited for
    /// when its agent goes away, and asked again: whoever restarts it expects the set-up to go on.
    void attempt(
        const std::string& fqdn, const std::string& action, Json args,
        std::function<void(Result<Answer>)> then
    );
    /// Waits until the agent has another session of its action runner.
    void await_other_session(
        const std::string& fqdn, std::optional<std::string> old_session, Duration limit,
        std::function<void()> then
    );
    /// Runs `then` when nobody else holds `key`, and holds it until the step ends.
    void take_turn(const std::string& key, std::function<void()> then);

    /// Adds to what people see of the step.
    void note(const std::string& text) { console_(text); }
    bool over() const { return over_; }
    void succeed();
    /// The same with a result that people and `job.step_results` see.
    void succeed_with(const Json& result);
    void fail(std::string text);
    /// Ends the step from outside: running actions are cancelled, nothing else is called.
    void abandon();

  private:
    /// An action that was asked, and since when its server has been away.
    struct Asked {
        std::string fqdn;
        std::string action;
        Json args;
        std::function<void(Result<Answer>)> then;
        std::optional<SimTime> away_since;
    };
    void ask(const std::shared_ptr<Asked>& asked);
    void answered(const std::shared_ptr<Asked>& asked, Result<ActionResult> result);
    bool waits_for(Asked& asked);
    void finish(bool succeeded, std::string text);

    JobServices& services_;
    const JobRow& job_;
    End end_;
    std::function<void(const std::string&)> console_;
    std::set<ActionRpc::CallId> calls_;
    std::vector<std::shared_ptr<void>> turns_;
    bool over_ = false;
};

}  // namespace csim
