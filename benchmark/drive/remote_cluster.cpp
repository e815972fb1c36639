#include "benchmark/drive/await.hpp"
#include "benchmark/drive/cluster_port.hpp"
#include "sim/control_client.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace csim {
namespace {

constexpr Duration patience = 600s;

class RemoteCluster final : public ClusterPort {
  public:
    RemoteCluster(const ManagerUrl& control, std::string token);
    ~RemoteCluster() override;

    Result<Answer> call(
        const std::string& operation, const Json& parameters, const std::function<bool()>& give_up
    ) override;
    ClusterVitals vitals() const override { return {lag_us_ * 1e-3, nodes_, sessions_, agents_}; }

  private:
    void watch();
    bool note(const Result<Answer>& info);

    const ManagerUrl control_;
    const std::string token_;
    std::atomic<std::int64_t> lag_us_{0}, nodes_{0}, sessions_{0}, agents_{0};
    std::mutex mutex_;
    std::condition_variable ended_;
    bool ending_ = false;
    std::thread watcher_;
};

RemoteCluster::RemoteCluster(const ManagerUrl& control, std::string token)
    : control_(control), token_(std::move(token)) {
    const auto info = ControlClient(control_, token_).call({"simulator_info", Json::array()});
    if (!info) {
        throw Fatal(
            "no simulator can be driven at " + control_.text() + ": " + info.error().detail +
            "; start one with 'cluster-sim run', or leave --remote_simulator out"
        );
    }
    note(info);
    watcher_ = std::thread([this] { watch(); });
}

RemoteCluster::~RemoteCluster() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        ended_.notify_all();
    }
    watcher_.join();
}

bool RemoteCluster::note(const Result<Answer>& info) {
    if (!info || !info->value.is_object()) return false;
    const Json& told = info->value;
    if (told.contains("lag_ms") && told["lag_ms"].is_object())
        lag_us_ = static_cast<std::int64_t>(told["lag_ms"].value("p99", 0.0) * 1000);
    nodes_ = told.value("nodes", std::int64_t(0));
    sessions_ = told.value("sessions_open", std::int64_t(0));
    agents_ = told.value("agents_running", std::int64_t(0));
    return true;
}

void RemoteCluster::watch() {
    ControlClient client(control_, token_, 5s);
    std::unique_lock lock(mutex_);
    while (!ended_.wait_for(lock, std::chrono::seconds(1), [this] { return ending_; })) {
        lock.unlock();
        note(client.call({"simulator_info", Json::array()}));
        lock.lock();
    }
}

Result<Answer> RemoteCluster::call(
    const std::string& operation, const Json& parameters, const std::function<bool()>& give_up
) {
    // A thread of its own, because the client blocks: whoever gives up leaves it behind until it is answered.
    const Awaited<Answer> answer;
    std::thread([answer, control = control_, token = token_, operation, parameters] {
        ControlClient client(control, token, patience);
        answer.set(client.call({operation, parameters}));
    }).detach();
    auto told = answer.wait(patience, give_up);
    if (!told) return Error{Errc::exhausted, "the simulator was not waited for any longer"};
    return std::move(*told);
}

}  // namespace

std::unique_ptr<ClusterPort> remote_cluster(const ManagerUrl& control, const std::string& token) {
    return std::make_unique<RemoteCluster>(control, token);
}

}  // namespace csim
