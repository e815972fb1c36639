// A manager and the agents of a simulated cluster as processes of their own, and a client that talks to the
// manager.
#pragma once

#include "benchmark/connections/process.hpp"
#include "net/rest_client.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace csim {

/// Units of four servers that share their volumes, as storage racks are built.
struct ClusterSize {
    int agents = 200;  ///< a multiple of four
    int volumes = 0;   ///< in total, at least; spread evenly over the units
};

/// Everything ends, and its folder goes, when it is destroyed.
class BenchCluster {
  public:
    /// Starts the manager, sets a cluster up and registers it. Throws Fatal when one of them fails.
    explicit BenchCluster(const ClusterSize& size);
    ~BenchCluster();

    /// Waits until `hosts` hosts are set up and no command runs. Throws Fatal after `limit`.
    void settle(int hosts, std::chrono::seconds limit);
    Json get(const std::string& path);
    /// Throws Fatal unless the reply has the status `expected`.
    Json post(const std::string& path, const Json& body, unsigned expected);
    /// Waits until the command is complete; throws Fatal if it failed.
    void complete(const Json& command, std::chrono::seconds limit);

    BlockingRestClient& client() { return *client_; }
    /// Another client of the same manager, for a thread of its own.
    std::unique_ptr<BlockingRestClient> another_client() const;
    ProcessCost manager_cost() const { return cost_of(manager_->pid()); }

  private:
    void wait_for_file(const std::filesystem::path& file, std::chrono::seconds limit) const;

    std::filesystem::path folder_;
    std::unique_ptr<ChildProcess> manager_, simulator_;
    std::unique_ptr<BlockingRestClient> client_;
    std::uint16_t port_ = 0;
};

/// Other processes are waited for: there is no timeline to wait on.
void pause_for(std::chrono::milliseconds span);
double seconds_since(std::chrono::steady_clock::time_point start);

}  // namespace csim
