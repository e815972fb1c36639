#include "benchmark/drive/await.hpp"
#include "benchmark/drive/cluster_port.hpp"
#include "core/event_loop.hpp"
#include "core/trace.hpp"
#include "sim/budget.hpp"
#include "sim/control/control_api.hpp"
#include "sim/https_network.hpp"
#include "state/document.hpp"

#include <atomic>
#include <thread>

namespace csim {
namespace {

constexpr Duration patience = 600s;

class EmbeddedCluster final : public ClusterPort {
  public:
    EmbeddedCluster(const ManagerUrl& manager, std::uint64_t seed);
    ~EmbeddedCluster() override;

    Result<Answer> call(
        const std::string& operation, const Json& parameters, const std::function<bool()>& give_up
    ) override;
    ClusterVitals vitals() const override { return {lag_us_ * 1e-3, nodes_, sessions_, agents_}; }

  private:
    void note_vitals();

    Timeline timeline_;
    EventLoop loop_;
    std::unique_ptr<StateStore> store_;
    Documents documents_;
    Trace trace_;
    HttpsNetwork network_;
    std::unique_ptr<ClusterSimulator> simulator_;
    std::unique_ptr<ControlApi> api_;
    std::atomic<std::int64_t> lag_us_{0}, nodes_{0}, sessions_{0}, agents_{0};
    std::thread world_;
};

SimulatorOptions simulator_options() {
    SimulatorOptions options;
    options.start_spread = 1s;
    return options;
}

EmbeddedCluster::EmbeddedCluster(const ManagerUrl& manager, std::uint64_t seed)
    : timeline_(wall_now()),
      loop_(timeline_, Pace::realtime()),
      store_(memory_store()),
      documents_(*store_),
      trace_(timeline_),
      network_(loop_, timeline_, HttpsNetworkOptions{.manager = manager, .ca_file = {}, .seed = seed}) {
    raise_descriptor_limit();
    simulator_ = std::make_unique<ClusterSimulator>(
        ClusterSimulator::Peers{timeline_, loop_, documents_, trace_, network_, Rng(seed)},
        simulator_options()
    );
    simulator_->world().power().add_strip();
    ControlScope scope{*simulator_, network_, timeline_, manager.text(), "", [this] { return loop_.lag(); }};
    api_ = std::make_unique<ControlApi>(std::move(scope), documents_);
    loop_.before_waiting([this] { documents_.save_all(); });
    documents_.save_all();
    note_vitals();
    world_ = std::thread([this] { loop_.run(); });
}

EmbeddedCluster::~EmbeddedCluster() {
    loop_.stop();
    world_.join();
    simulator_->stop();
    api_.reset();
    simulator_.reset();
}

void EmbeddedCluster::note_vitals() {
    lag_us_ = std::chrono::duration_cast<std::chrono::microseconds>(loop_.lag().worst).count();
    loop_.reset_lag();
    const FleetStats fleet = simulator_->fleet().stats();
    nodes_ = static_cast<std::int64_t>(simulator_->world().node_count());
    sessions_ = static_cast<std::int64_t>(fleet.sessions_open);
    agents_ = static_cast<std::int64_t>(fleet.agents);
    timeline_.after(500ms, [this] { note_vitals(); });
}

Result<Answer> EmbeddedCluster::call(
    const std::string& operation, const Json& parameters, const std::function<bool()>& give_up
) {
    const Awaited<Answer> answer;
    loop_.post([this, answer, operation, parameters] {
        api_->call({operation, parameters}, [answer](Result<Answer> told) { answer.set(std::move(told)); });
    });
    auto told = answer.wait(patience, give_up);
    if (!told) return Error{Errc::exhausted, "the simulated cluster was not waited for any longer"};
    return std::move(*told);
}

}  // namespace

std::unique_ptr<ClusterPort> embedded_cluster(const ManagerUrl& manager, std::uint64_t seed) {
    return std::make_unique<EmbeddedCluster>(manager, seed);
}

}  // namespace csim
