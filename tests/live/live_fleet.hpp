// A manager and a fleet of the simulator in one process, with real sockets and mutual TLS between them, real
// power strips, and simulated time: it stands still while anything is on its way, and jumps when nothing is.
// So a busy machine makes a test slower and never different.
#pragma once

#include "core/work_queue.hpp"
#include "manager/manager_server.hpp"
#include "net/rest_client.hpp"
#include "sim/cluster_simulator.hpp"
#include "sim/https_network.hpp"
#include "sim/pdu_listeners.hpp"
#include "tests/live/traffic.hpp"
#include "tests/support/temp_folder.hpp"

#include <nlohmann/json.hpp>

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace csim::test {

/// Power calls under way.
class WatchedDriver final : public PowerDriver {
  public:
    explicit WatchedDriver(PowerDriver& inner) : inner_(inner) {}
    void run(PowerCall call, Done done) override;
    Result<std::string> resolve(const std::string& name) override { return inner_.resolve(name); }
    std::size_t under_way = 0;
    std::vector<std::string> calls;  ///< `off 127.0.0.1:2300 1`, without ports

  private:
    PowerDriver& inner_;
};

class LiveFleet {
  public:
    explicit LiveFleet(const Setup& setup, FenceBy fence = FenceBy::automatic);
    ~LiveFleet();

    /// Moves simulated time until `condition`; false after `limit` of it, or a minute and a half of wall
    /// time.
    bool run_until(const std::function<bool()>& condition, Duration limit = 10min);
    void run_for(Duration span);

    /// One request over TLS, with the session's cookies. Waits for the reply.
    RestReply rest(const std::string& method, const std::string& path, const Json& body = nullptr);
    void log_in(const std::string& user = "admin", const std::string& password = "lustre");
    /// Registers every node with a profile for its kind, in order, and returns the set-up commands.
    std::vector<std::int64_t> register_all();
    /// Runs the command to its end and returns it.
    Json finish(std::int64_t command);
    /// The same, and checks that all went well.
    void succeed(const RestReply& reply);
    std::vector<std::string> job_classes(std::int64_t command);
    /// A strip of the simulator for the manager, with all its outlets given to the hosts that hang on them.
    void tell_power_strips();

    std::string address(const std::string& strip);
    FakeServer& node(const std::string& fqdn) { return *simulator->world().find(fqdn); }
    /// Actions that the server has run, in order, since this was asked last.
    std::vector<std::string> actions(const std::string& fqdn);

    Timeline timeline{SimTime::from_unix_ns(1'700'000'000'000'000'000)};
    WorkQueue inbox;
    std::unique_ptr<StateStore> manager_store = memory_store(), fleet_store = memory_store();
    Documents manager_documents{*manager_store}, fleet_documents{*fleet_store};
    Trace trace{timeline};
    FenceDriver fence;
    WatchedDriver power{fence};
    TempFolder folder;
    std::unique_ptr<ManagerServer> manager;
    std::unique_ptr<HttpsNetwork> network;
    std::unique_ptr<WatchedNetwork> watched;
    std::unique_ptr<ClusterSimulator> simulator;
    std::unique_ptr<PduListeners> strips;

  private:
    bool quiet();
    void start_manager();
    void start_fleet(const Setup& setup);
    std::string fetch_authority();

    std::unique_ptr<HttpsClient> client_;
    std::unique_ptr<RestClient> rest_;
    std::size_t asked_ = 0;  ///< REST requests on their way
    std::map<std::string, std::vector<std::string>> actions_;
};

}  // namespace csim::test
