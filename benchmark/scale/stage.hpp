// The programs of one measurement: a manager and a simulator, in folders of their own, and the ways to ask
// them.
#pragma once

#include "benchmark/connections/process.hpp"
#include "core/json.hpp"
#include "net/rest_client.hpp"
#include "sim/control_client.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace csim {

using BenchClock = std::chrono::steady_clock;
double seconds_since(BenchClock::time_point start);

/// Everything throws Fatal when a program ends or does not answer.
class ScaleStage {
  public:
    /// Programs come from the folder of this one. `keep` leaves state folders and logs for people.
    /// `hibernate`: the agents' connections do.
    ScaleStage(bool keep, bool hibernate);
    ~ScaleStage();

    void start_manager();
    /// Seconds that it took.
    double setup(int servers);
    void start_register();
    void start_run();
    /// SIGTERM, then waits for the end. Seconds that it took.
    double stop_simulator();

    pid_t manager_pid() const { return manager_->pid(); }
    pid_t simulator_pid() const { return simulator_->pid(); }

    /// An operation of the running simulator. `try_control` gives null when it fails.
    Json control(const std::string& operation, const Json& parameters = Json::array());
    Json try_control(const std::string& operation, const Json& parameters = Json::array());
    /// A document of the manager, and an object made there; null when it does not answer well.
    Json rest(const std::string& path);
    Json post(const std::string& path, const Json& body);
    /// A session of its own, logged in.
    std::unique_ptr<BlockingRestClient> new_session() const;

    /// Asks until `condition` holds. Throws Fatal, naming `what`, after `limit_seconds`.
    void wait_for(const std::string& what, double limit_seconds, const std::function<bool()>& condition);

  private:
    std::vector<std::string> logged(const std::string& log, std::vector<std::string> command) const;
    std::vector<std::string> simulator_command(const std::vector<std::string>& more) const;
    void serve(const std::vector<std::string>& more);

    bool keep_, hibernate_;
    std::filesystem::path programs_;
    std::filesystem::path folder_;
    std::string manager_url_;
    std::string control_url_;
    std::unique_ptr<ChildProcess> manager_;
    std::unique_ptr<ChildProcess> simulator_;
    std::unique_ptr<BlockingRestClient> rest_;
    std::optional<ControlClient> control_;
};

}  // namespace csim
