// A small Docker engine for tests: speaks the engine's API on a Unix socket, its containers are simulated
// nodes.
#pragma once

#include "core/event_loop.hpp"
#include "core/json.hpp"
#include "tests/support/temp_folder.hpp"
#include "vcluster/model/model_runtime.hpp"
#include "vcluster/nodes.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace csim {

class EngineDouble {
  public:
    EngineDouble();
    ~EngineDouble();
    EngineDouble(const EngineDouble&) = delete;

    /// For DOCKER_HOST.
    std::string address() const { return "unix://" + path_; }
    std::set<std::string> images{"image"};
    std::map<std::string, Json> networks;    ///< as they were asked for
    std::map<std::string, Json> containers;  ///< the same
    std::vector<std::string> requests;       ///< `METHOD target`, in order
    Json swarm_nodes =
        Json::array();          ///< of the Swarm that this engine manages as the node "here"; none: no Swarm
    int running_elsewhere = 0;  ///< containers that are not a cluster's
    std::string refuse;         ///< requests that begin so are answered with 500

  private:
    struct Answer {
        unsigned status = 200;
        Json body = nullptr;
    };
    struct Exec {
        std::string container;
        Json body;
        ExecResult result;
    };
    void listen();
    void serve(int fd);
    Answer answer(const std::string& method, const std::string& target, const Json& body);
    Answer on_network(const std::string& method, const std::string& name, const Json& body);
    Answer on_container(
        const std::string& method, const std::string& name, const std::string& what, const Json& body
    );
    void run(Exec& exec, const std::string& input);

    TempFolder folder_;
    std::string path_ = (folder_ / "engine.sock").string();
    std::mutex mutex_;
    Timeline timeline_{SimTime::from_unix_ns(1'577'836'800'000'000'000)};
    EventLoop loop_{timeline_, Pace::instant()};
    model::ModelRuntime runtime_{timeline_, model::ModelOptions{}};
    Nodes nodes_{timeline_, loop_, runtime_};
    std::map<std::string, Exec> execs_;
    std::set<std::string> running_;
    int listener_ = -1;
    std::atomic<bool> ending_ = false;
    std::thread thread_;
    std::vector<std::thread> connections_;
};

}  // namespace csim
