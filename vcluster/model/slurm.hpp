// A small Slurm: one controller, a FIFO queue, jobs that are shell scripts of the model.
#pragma once

#include "vcluster/model/programs.hpp"

namespace csim::model {

/// What slurm.conf says, as far as the model heeds it.
struct SlurmConf {
    std::string cluster, controller, controller_address;
    int controller_port = 6817, slurmd_port = 6818;
    std::string controller_pid = "/var/run/slurmctld.pid", slurmd_pid = "/var/run/slurmd.pid";
    std::string controller_log = "/var/log/slurmctld.log", slurmd_log = "/var/log/slurmd.log";
    std::string spool = "/var/spool/slurmd", state = "/var/spool/slurmctld";
    Duration kill_wait = std::chrono::seconds(30), min_job_age = std::chrono::seconds(300);
    Duration slurmd_timeout = std::chrono::seconds(300);
    int return_to_service = 0;
    struct NodeLine {
        std::string name, address;
        int cpus = 1;
    };
    std::vector<NodeLine> nodes;
    std::string partition = "debug";
    int sharing = 1;         ///< jobs that may share a CPU
    bool exclusive = false;  ///< whole nodes
};
/// Errors: bad_argument; keys that the model does not know are errors, as with the real one.
Result<SlurmConf> read_slurm_conf(const std::string& text);

struct SlurmJob {
    enum class State { pending, running, completing, completed, failed, timeout, cancelled, node_fail };
    int id = 0;
    std::string name, user = "root", partition, folder, out, err, reason = "None", script;
    Environment env;
    State state = State::pending, then = State::completed;  ///< `then` follows completing
    SimTime submitted{}, started{}, ended{};
    Duration limit{};  ///< zero: none
    int nodes_wanted = 1, tasks = 0, cpus_per_task = 1;
    bool exclusive = false, held = false;
    std::vector<std::string> only, without;  ///< nodes
    int after = 0;                           ///< a job that must have ended; negative: well
    std::vector<std::string> nodes;
    int status = 0, signal = 0;
    int batch_pid = 0;
    SinkPtr sink;  ///< where output goes instead of files, for srun outside a job
    Occasion end;
    EventId due;

    bool over() const { return state > State::completing; }
};
std::string_view long_name(SlurmJob::State state);
std::string_view short_name(SlurmJob::State state);

class SlurmCtld final : public Daemon {
  public:
    SlurmCtld(World& world, Node& node, SlurmConf conf);
    ~SlurmCtld() override;
    void ending() override;

    struct NodeState {
        SlurmConf::NodeLine line;
        std::string state = "unknown";  ///< or idle, down, drained
        std::string reason;
        EventId silent;
    };

    /// Errors: bad_argument (impossible), as sbatch tells it.
    Result<int> submit(std::shared_ptr<SlurmJob> job);
    void cancel(SlurmJob& job);
    void registered(const std::string& name);
    void lost(const std::string& name);
    void schedule();

    std::string state_of(const NodeState& node) const;
    SlurmJob* find(int id);
    std::map<int, std::shared_ptr<SlurmJob>>& jobs() { return jobs_; }
    std::map<std::string, NodeState>& nodes() { return nodes_; }
    const SlurmConf& conf() const { return conf_; }
    Node& node() { return node_; }
    World& world() { return world_; }

  private:
    std::vector<std::string> place_for(const SlurmJob& job);
    int jobs_on(const std::string& name, bool& whole) const;
    void begin(SlurmJob& job);
    void stop_steps(const SlurmJob& job);
    void finish(SlurmJob& job, SlurmJob::State then);
    void log(const std::string& text);

    World& world_;
    Node& node_;
    SlurmConf conf_;
    std::map<std::string, NodeState> nodes_;
    std::map<int, std::shared_ptr<SlurmJob>> jobs_;
    int last_id_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

class Slurmd final : public Daemon {
  public:
    Slurmd(World& world, Node& node, SlurmConf conf) : world_(world), node_(node), conf_(std::move(conf)) {}
    ~Slurmd() override;
    void ending() override;
    const SlurmConf& conf() const { return conf_; }
    /// Tells the controller that it is here, one latency from now.
    void register_soon();

  private:
    World& world_;
    Node& node_;
    SlurmConf conf_;
    EventId registering_;
};

/// The controller that this node's slurm.conf names, as far as it answers; nullptr otherwise.
SlurmCtld* controller_of(Node& node);
/// slurm.conf as the node's SLURM_CONF or the usual places have it.
Result<SlurmConf> slurm_conf_of(Node& node, const Environment& env);

/// Runs the job's script on its first node. In slurm_job.cpp.
void run_job_script(SlurmCtld& controller, SlurmJob& job, std::function<void(int status)> done);
/// Tells the node's metric daemon, if plugstack.conf says so.
void notify_job(SlurmCtld& controller, const SlurmJob& job, const std::string& event);

std::span<const Program> slurm_daemon_programs();
std::span<const Program> slurm_user_programs();
std::span<const Program> slurm_admin_programs();
std::span<const Program> slurm_queue_programs();

}  // namespace csim::model
