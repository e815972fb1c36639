// What every routine does to a manager and its cluster, in blocking steps that an interrupt or the time limit
// ends.
#pragma once

#include "benchmark/drive/cluster_port.hpp"
#include "benchmark/drive/interrupt.hpp"
#include "benchmark/drive/monitor.hpp"
#include "benchmark/measure/limit_search.hpp"
#include "benchmark/measure/thresholds.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace csim {

/// The options of all routines; each row of the routine table says which of them it takes.
struct RoutineOptions {
    int servers = 8;  ///< start size and, with `linear`, increment
    int max_servers = 64;
    Duration time_limit = 30min;
    Duration settle = 20s;  ///< how long a step may take to become healthy
    Duration action_limit = 10s;
    Duration latency_limit = 5s;
    Duration warm_up = 3s;
    Duration hold = 60s;  ///< steady_state: how long; limits: of each step
    Duration step_hold = 3s;
    bool stop_at_limit = false;  ///< end as soon as a resource has certainly run out
    bool linear = false;
    int repeats = 3;
    int log_rate = 10;
    int log_rate_max = 4096;
    int cut = 0;            ///< servers that lose power, or whose network is cut; 0: a quarter, or all
    Duration outage = 5s;   ///< reconnect_storm: how long the network is cut
    Duration spread = 10s;  ///< reconnect_storm: over what it is mended the second time
    std::string restart;    ///< reconnect_storm: the shell command that restarts the manager, or empty
};

/// The run is over before its end: by Ctrl-C, by time, at a limit, or because the manager answers no more.
class StopRun : public std::runtime_error {
  public:
    enum class Why { interrupted, time_limit, exhausted, broken };
    StopRun(Why reason, const std::string& sentence) : std::runtime_error(sentence), why(reason) {}
    Why why;
};

/// What was being tried did not work: the size is too large, or the manager said no.
class StepFailed : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct FreshUnit {
    std::vector<std::string> fqdns;
    std::vector<std::string> serials;
    std::int64_t controller_id = 0;
};

class Bench {
  public:
    using Say = std::function<void(const std::string&)>;
    Bench(
        Monitor& monitor, ClusterPort& cluster, Interrupt& interrupt, const RoutineOptions& options, Say say
    );

    const RoutineOptions& options() const { return options_; }
    Monitor& monitor() { return monitor_; }
    void say(const std::string& line) { say_(line); }
    double seconds() const;  ///< since this object was made
    /// Throws StopRun when the user or the time limit wants an end.
    void check() const;
    /// From now on neither the time limit nor a first Ctrl-C stops anything: the end must be cleaned up.
    void begin_cleaning(Duration at_most);
    /// Waits, and checks meanwhile.
    void pause(Duration span) const;
    /// Asks every 100 ms until it holds or `limit` has passed.
    bool until(const std::function<bool()>& holds, Duration limit) const;

    /// Throw StepFailed when the manager does not answer or answers with an error.
    Json get(const std::string& path);
    Json post(const std::string& path, const Json& body);
    RestReply send(const std::string& method, const std::string& path, const Json& body = nullptr);
    std::int64_t total(const std::string& path);  ///< meta.total_count
    /// Throws StepFailed.
    Json cluster(const std::string& operation, const Json& parameters = Json::array());

    FreshUnit add_unit(int servers, int volumes);
    std::string secret(int credits);
    /// Registers all, side by side or one after the other, and waits until the manager has set them up.
    void register_servers(const std::vector<std::string>& fqdns, bool side_by_side);
    void wait_for_commands(const std::vector<std::string>& uris);
    void add_controller(std::int64_t id);
    /// Removes every server of the simulator, every host and controller of the manager.
    void reset();
    /// Adds units of four until there are `size` servers, all of them set up.
    void grow_to(int size, bool side_by_side, int volumes_per_server);
    /// The same from nothing, with a controller of its own for each unit. Returns the volumes' serials.
    std::vector<std::string> grow_with_controllers(int size, bool side_by_side, int volumes_per_server);
    int size() const { return static_cast<int>(fqdns_.size()); }
    const std::vector<std::string>& fqdns() const { return fqdns_; }

    std::map<std::string, QueueSample> queues() const;
    bool manager_answers();

  private:
    bool stopping() const;
    void check_resources() const;
    void reset_manager();

    Monitor& monitor_;
    ClusterPort& cluster_;
    Interrupt& interrupt_;
    RoutineOptions options_;
    Say say_;
    double began_;
    double deadline_;
    bool cleaning_ = false;
    mutable double looked_at_ = -1;  ///< the interval until which no resource had run out
    std::vector<std::string> fqdns_;
};

/// Seconds of a clock that only goes forward.
double steady_seconds();

}  // namespace csim
