// A whole simulator over one store, that can be thrown away and loaded again at any moment.
#pragma once

#include "core/trace.hpp"
#include "core/work_queue.hpp"
#include "sim/control/control_api.hpp"
#include "tests/sim/live_cluster.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace csim {

/// One key for everybody, in simulated time: others would come when other threads have made them.
class GivenIdentities final : public IdentitySource {
  public:
    explicit GivenIdentities(Timeline& timeline) : timeline_(timeline) {}
    void make(std::string fqdn, KeyKind kind, Done done) override;
    Result<std::string> make_request(const std::string& fqdn, const std::string& key_pem) override;

  private:
    Timeline& timeline_;
};

/// What dies with the process; the store outlives it.
struct WalkProcess {
    WalkProcess(StateStore& store, SimTime now, std::uint64_t seed);

    Timeline timeline;
    Documents documents;
    Trace trace{timeline};
    WorkQueue inbox;
    FakeNetwork network{timeline};
    GivenIdentities identities{timeline};
    std::unique_ptr<ClusterSimulator> simulator;
    std::unique_ptr<ControlApi> api;
};

class WalkWorld {
  public:
    WalkWorld(std::uint64_t seed, const Setup& setup);
    ~WalkWorld();

    ClusterSimulator& simulator() { return *process_->simulator; }
    World& world() { return process_->simulator->world(); }
    FakeNetwork& network() { return process_->network; }
    SimTime now() const { return process_->timeline.now(); }
    std::uint64_t writes() const { return store_.writes; }
    std::uint64_t events() const { return events_; }
    /// Of all processes so far.
    std::uint64_t digest() const;

    /// As a paced loop would: documents are saved after each event.
    void run_for(Duration span);
    /// Begins an operation; whether and what it answers by now.
    std::optional<Result<Answer>> call(const std::string& method, const Json& params);
    /// The same, waiting for the answer up to a minute.
    std::optional<Result<Answer>> ask(const std::string& method, const Json& params);
    /// Every node has a key.
    void give_keys();
    /// The process ends and another one loads what is saved. True when loading alone changed nothing on disk.
    bool restart();

    /// Told of every post of an agent, of every process.
    std::function<void(const std::string& fqdn, const AgentPost& post)> on_post;

  private:
    void begin();

    CountingStore store_;
    const std::uint64_t seed_;
    std::unique_ptr<WalkProcess> process_;
    std::uint64_t events_ = 0;
    std::uint64_t digest_ = 0;
};

}  // namespace csim
