// A simulator at work for as long as the program runs: the part that `register` and `run` share.
#pragma once

#include "apps/cluster_sim/options.hpp"
#include "apps/shell/stop_signals.hpp"
#include "core/event_loop.hpp"
#include "core/trace.hpp"
#include "net/http_server.hpp"
#include "sim/budget.hpp"
#include "sim/cluster_simulator.hpp"
#include "sim/control/control_api.hpp"
#include "sim/control_record.hpp"
#include "sim/https_network.hpp"
#include "sim/pdu_listeners.hpp"

#include <functional>
#include <memory>
#include <string>

namespace csim {

/// Opens the state folder, the power strips' ports, the control port and the way to the manager, in that
/// order; throws Fatal when one of them cannot be had, before any agent starts.
class Serving {
  public:
    Serving(const CommonOptions& common, const ServeOptions& options);
    ~Serving();

    /// Runs `begin` on the loop, then everything else, until SIGINT, SIGTERM or stop(). Returns the exit
    /// status.
    int run(const std::function<void()>& begin);
    /// Ends run(), with this exit status.
    void stop(int status);
    /// The exit status of a run that ends by a signal from now on.
    void fail_at_end() { status_at_end_ = 1; }

    EventLoop& loop() { return loop_; }
    Timeline& timeline() { return timeline_; }
    Trace& trace() { return trace_; }
    ClusterSimulator& simulator() { return *simulator_; }
    HttpsNetwork& network() { return *network_; }
    const ManagerUrl& manager() const { return manager_; }

  private:
    SimulatorOptions simulator_options(const ServeOptions& options);
    void open_power_strips(const ServeOptions& options);
    void open_control_port(const CommonOptions& common);
    void tell_notes() const;

    ManagerUrl manager_;
    ListenAddress control_at_;
    std::string control_token_;
    Timeline timeline_;
    EventLoop loop_;
    shell::StopSignals signals_;
    std::unique_ptr<StateStore> store_;
    Trace trace_;
    std::unique_ptr<Documents> documents_;
    std::unique_ptr<HttpsNetwork> network_;
    std::unique_ptr<ClusterSimulator> simulator_;
    std::unique_ptr<PduListeners> pdus_;
    std::unique_ptr<ControlApi> control_;
    std::unique_ptr<HttpServer> control_server_;
    std::unique_ptr<ControlRecordDocument> record_;
    std::string ready_file_;
    Demand demand_;
    bool verifying_ = false;
    bool keep_alive_ = true;
    int status_ = 0;
    int status_at_end_ = 0;
};

}  // namespace csim
