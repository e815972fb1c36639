// The HSM coordinator of one filesystem: hands requests to copytools and knows what became of them.
#pragma once

#include "core/result.hpp"
#include "fakes/fakes_context.hpp"
#include "fakes/hsm_requests.hpp"
#include "fakes/violation.hpp"
#include "wire/reports/target_metrics.hpp"

#include <boost/describe.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace csim {

/// `fake_hsm_coordinator-<filesystem>.json`.
struct HsmCoordinatorState {
    bool enabled = false;
    std::string filesystem;
    std::string mdt = "MDT0000";
};
BOOST_DESCRIBE_STRUCT(HsmCoordinatorState, (), (enabled, filesystem, mdt))

struct HsmOptions {
    Duration poll = 10s;
    Duration keep_completed = 300s;
    std::size_t requests_per_agent = 3;
    std::size_t unassigned_max = 100;         ///< beyond it nothing is made up for nobody
    std::int64_t bandwidth = 12'884'901'888;  ///< bytes a second of one copytool
    Duration progress = 5s;                   ///< between two reports of a copytool
    HsmChances chances;
};

/// A copytool as its coordinator sees it. Outlives its registration.
class HsmAgent {
  public:
    virtual ~HsmAgent() = default;
    /// There is something to fetch().
    virtual void requests_assigned() = 0;
    /// An active request is no longer wanted; the coordinator has forgotten it already.
    virtual void request_cancelled(const std::string& fid) = 0;
};

/// Queues live as long as the process; only `enabled` is saved.
/// Source: the behaviour specification, §3.10. Differs: requests of an agent that goes return to the queue;
/// fids are unique; the queue is capped; purge cancels everything and changes nothing else; registering again
/// replaces.
class HsmCoordinator {
  public:
    /// `options` outlives this.
    HsmCoordinator(const FakesContext& context, std::string filesystem, const HsmOptions& options);
    HsmCoordinator(const FakesContext& context, HsmCoordinatorState loaded, const HsmOptions& options);
    ~HsmCoordinator();
    HsmCoordinator(const HsmCoordinator&) = delete;
    HsmCoordinator& operator=(const HsmCoordinator&) = delete;

    const std::string& filesystem() const { return (*state_)->filesystem; }
    bool enabled() const { return (*state_)->enabled; }
    bool running() const { return running_; }
    /// Whether this is a value of `hsm_control`.
    static bool is_control(const std::string& value);
    /// enabled, disabled, shutdown or purge. Errors: bad_argument.
    Result<Nothing> control(const std::string& value);
    /// Takes up its work after a load, if it is enabled.
    void resume();

    /// Keyed by the copytool's id. Replaces the one that was registered under it.
    void register_agent(const std::string& id, HsmAgent& agent);
    /// Its requests go back to the queue, the oldest first. Harmless when it is not registered.
    void deregister_agent(const std::string& id);
    /// What was assigned to the agent becomes active.
    std::vector<HsmRequest> fetch(const std::string& id);
    /// An active request of the agent is over.
    void finished(const std::string& id, const std::string& fid, HsmOutcome outcome);

    /// Nothing unless it is running.
    std::optional<HsmMetrics> metrics() const;
    /// I-21.
    std::vector<Violation> violations() const;

  private:
    struct Agent {
        HsmAgent* agent = nullptr;
        std::deque<HsmRequest> assigned;
        std::vector<HsmRequest> active;  ///< in order of their start
    };
    struct Completed {
        SimTime at;
        std::string fid;
        HsmOutcome outcome;
    };

    void begin();
    void halt();
    void set_enabled(bool enabled);
    void poll();
    void assign(Agent& agent);
    HsmRequest make_request();
    void drop(const HsmRequest& request);
    void complete(const HsmRequest& request, HsmOutcome outcome);
    void cancel_everything();
    void cull();
    std::size_t waiting() const;
    std::size_t active() const;

    FakesContext context_;
    const HsmOptions& options_;
    std::unique_ptr<Document<HsmCoordinatorState>> state_;
    bool running_ = false;
    EventId timer_;
    std::optional<Rng> chance_;
    std::deque<HsmRequest> unassigned_;
    std::map<std::string, Agent> agents_;
    std::deque<Completed> completed_;
    std::set<std::string> fids_;  ///< of every request there is, completed ones included
    std::uint64_t generated_ = 0;
    std::uint64_t ended_ = 0;
};

}  // namespace csim
