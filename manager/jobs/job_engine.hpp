// Commands, jobs and steps: planned here, run here, and what they change applied here.
// Source: the manager API, §3.1 to §3.3 and §3.6. Differs: a cancelled job's followers are looked at again at
// once; what a restart of the manager interrupted ends with a sentence that says so.
#pragma once

#include "core/result.hpp"
#include "manager/jobs/conf_params.hpp"
#include "manager/jobs/deployment_pace.hpp"
#include "manager/jobs/job_class.hpp"
#include "manager/jobs/lock_table.hpp"
#include "manager/jobs/planner.hpp"
#include "manager/jobs/step_run.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace csim {

/// A job that is no state change, as a client asks for it.
struct JobRequest {
    std::string class_name;
    ObjectRef subject;
    std::string args = "{}";  ///< JSON text
};

/// Something that an agent says about an object.
struct Notification {
    ObjectRef object;
    SimTime at;                        ///< when it was true
    std::optional<std::string> state;  ///< the object's state, if the news is about that
    std::vector<std::string> allowed;  ///< present states in which the news counts; empty: all
    std::string attributes;  ///< which others `apply` changes; news about the same ones replace each other
    std::function<void()> apply;  ///< changes other attributes, if they differ
};

/// A transition or a job that a client may choose now.
struct Offer {
    const JobClass* job = nullptr;
    std::string state;  ///< of a transition
    ObjectRef subject;  ///< of a job
};

class JobEngine {
  public:
    explicit JobEngine(JobServices& services);
    ~JobEngine();

    /// Ends what was left unfinished by an earlier run. Call once, after the model was loaded.
    void recover();

    /// Starts what brings `object` to `state` and returns the command; nothing if it is there already.
    /// Errors: bad_argument and conflict, with the text of the reply.
    Result<std::optional<std::int64_t>> set_state(ObjectRef object, const std::string& state);
    /// The same for a host that has just registered: a command is made even if it has nothing to do. When
    /// many register, its jobs may stay pending until the storm is over.
    std::int64_t deploy(ObjectRef host, const std::string& state, const std::string& message);
    /// Starts one command that brings each object to its state; it is made even if there is nothing to do.
    /// Errors: conflict, and nothing was started.
    Result<std::int64_t> bring(
        const std::string& message, const std::vector<std::pair<ObjectRef, std::string>>& wishes
    );
    /// What set_state would do, from committed states.
    Result<Plan> dry_run(ObjectRef object, const std::string& state);
    /// Starts jobs that are no state changes. Errors: bad_argument, conflict.
    Result<std::int64_t> run_jobs(const std::string& message, const std::vector<JobRequest>& requests);
    /// The same, and afterwards brings each of `restore` back to the state it has now.
    Result<std::int64_t> run_jobs_preserving(
        const std::string& message, const std::vector<JobRequest>& requests,
        const std::vector<ObjectRef>& restore
    );

    /// Pending jobs never run, running ones are given up. Errors: not_found, conflict (cannot be cancelled).
    Result<Nothing> cancel(std::int64_t job);

    std::vector<Offer> transitions(ObjectRef object) const;
    std::vector<Offer> jobs(ObjectRef object) const;
    const LockTable& locks() const { return locks_; }
    std::size_t running() const { return running_.size(); }
    std::size_t pending() const { return waiting_.size() + ready_.size() + newcomers_.waiting(); }

    void notify(Notification news);
    std::size_t buffered_notifications() const { return buffered_.size(); }
    /// Notifications since the start.
    std::uint64_t notified() const { return notified_; }

  private:
    struct Running {
        std::vector<StepSpec> steps;
        std::shared_ptr<StepRun> step;
    };
    enum class End { success, error, cancelled };

    Result<Nothing> check_request(ObjectRef object, const std::string& state) const;
    std::int64_t new_command(const std::string& message);
    Result<Nothing> add_state_change(std::int64_t command, ObjectRef object, const std::string& state);
    Result<std::string> plan_message(ObjectRef object, const std::string& state);
    std::int64_t add_hop(std::int64_t command, const Hop& hop);
    Result<Nothing> add_job(std::int64_t command, const JobRequest& request);
    std::int64_t create_job(std::int64_t command, JobRow job);
    std::vector<LockPart> hop_locks(const Hop& hop) const;
    void attach(std::int64_t command, std::int64_t job);
    void give_up(std::int64_t job);
    void preempt(const std::vector<LockPart>& locks);

    void pump();
    bool ready_to_run(const JobRow& job) const;
    void start(std::int64_t job);
    void start_step(std::int64_t job, std::size_t index);
    void step_ended(std::int64_t job, std::size_t index, bool succeeded, const std::string& text);
    void complete(std::int64_t job, End end);
    void apply_success(const JobRow& job);
    void release_waiters(std::int64_t job);
    void update_commands(const std::vector<std::int64_t>& commands);
    void apply_parameters(ObjectRef target, const std::vector<std::int64_t>& commands);
    void replay(const JobRow& job);
    bool apply(const Notification& news);

    JobServices& services_;
    Model& model_;
    LockTable locks_;
    std::map<std::int64_t, Running> running_;
    std::map<std::int64_t, std::set<std::int64_t>> waiting_;  ///< job to the jobs it waits for
    std::map<std::int64_t, std::set<std::int64_t>> awaited_;  ///< the same, the other way
    std::set<std::int64_t> ready_;
    DeploymentPace newcomers_;
    std::map<ObjectRef, std::map<std::string, Notification>> buffered_;
    std::uint64_t notified_ = 0;
    std::set<std::int64_t> applying_;                     ///< MGTs that a job is about to tell parameters
    std::map<std::int64_t, conf_params::Place> unready_;  ///< by MGT: what its parameters waited for last
    bool pumping_ = false;
    int held_ = 0;  ///< while positive, nothing starts: a request is still being planned
    struct Hold;
};

}  // namespace csim
