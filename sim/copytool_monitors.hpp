// The monitors of running copytools: each relays one copytool's events to the manager, as a process of its
// own beside the worker's agent would.
#pragma once

#include "agent_proto/copytool_relay.hpp"
#include "fakes/fake_hsm.hpp"
#include "sim/agent_network.hpp"
#include "sim/copytool_fifo.hpp"
#include "sim/credential_store.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace csim {

/// Opens the named pipe of a copytool; null or an error means there is none.
using OpenCopytoolFifo =
    std::function<std::unique_ptr<CopytoolFifo>(const std::string& name, CopytoolFifo::OnLine on_line)>;

/// A monitor has a connection of its own under its worker's certificate, so that the last event of a copytool
/// gets through while the worker shuts down. One whose worker died says nothing more. Source: the protocol's
/// §6. Differs: events come in process; the pipe is for others.
class CopytoolMonitors final : public CopytoolWatch {
  public:
    struct Peers {
        Timeline& timeline;
        AgentNetwork& network;
        CredentialStore& credentials;
        OpenCopytoolFifo open_fifo;  ///< may be empty
    };
    explicit CopytoolMonitors(Peers peers);
    ~CopytoolMonitors() override;

    void started(const HsmCopytool& copytool) override;
    void event(const HsmCopytool& copytool, std::string_view line) override;
    void stopped(const HsmCopytool& copytool, bool died) override;
    /// All are gone at once.
    void abandon();

    std::size_t running() const { return monitors_.size(); }
    /// Null when that copytool has no monitor.
    const CopytoolRelay* relay(const std::string& copytool) const;

  private:
    struct Monitor;
    void retire(std::shared_ptr<Monitor> monitor, Duration after);

    Peers peers_;
    std::map<std::string, std::shared_ptr<Monitor>> monitors_;  ///< by copytool
    std::map<std::uint64_t, std::shared_ptr<Monitor>> leaving_;
    std::uint64_t next_leaving_ = 0;
    std::shared_ptr<CopytoolMonitors*> self_;  ///< null for timers that fire too late
};

}  // namespace csim
