// The embedded manager without sockets: everything it is, over a timeline and a state folder. The server, the
// simulator's virtual time and tests all use this one.
#pragma once

#include "core/rng.hpp"
#include "core/trace.hpp"
#include "manager/agent_front.hpp"
#include "manager/agent_service.hpp"
#include "manager/certificate_table.hpp"
#include "manager/registrar.hpp"
#include "manager/report_consumers.hpp"
#include "manager/rest/accounts.hpp"
#include "manager/rest/rest_api.hpp"
#include "manager/signer.hpp"
#include "manager/tokens.hpp"

#include <memory>
#include <string>

namespace csim {

class ControllerSource;
class PowerDriver;

struct ManagerOptions {
    std::string url = "https://localhost:8000/";  ///< how clients reach it; ends in a slash
    std::string ntp_server = "localhost";
    std::string version = "4.0.10.0";
    AccountDefaults accounts;
    RestOptions rest;
    AgentServiceOptions agents;
    JournalQueueOptions journal;
};

/// One thread: the world's. `documents`, `signer` and `trace` outlive it. Whoever composes it saves
/// `documents` after each event.
class ManagerCore {
  public:
    using Done = UniqueFunction<void(HttpReply)>;

    /// Loads what was saved; work that an earlier run left unfinished ends with a sentence that says so.
    /// `bytes` makes secrets. Throws Fatal when a document cannot be understood.
    ManagerCore(
        Timeline& timeline, Documents& documents, Rng rng, Trace* trace, Signer& signer, ByteSource bytes,
        ManagerOptions options
    );
    ~ManagerCore();

    /// A request to `/api/…`. `done` runs once, inside this call or later.
    /// Returns a ticket by which the request can be given up as long as it waits; 0 when it was answered.
    std::uint64_t rest(const HttpRequest& request, Done done);
    /// Whoever sent that request is gone: it is dropped unanswered.
    void abandon_rest(std::uint64_t ticket);
    /// A request to a path of AgentFront.
    void agent(const HttpRequest& request, const Peer& peer, Done done);

    // Typed entry points for agents in the same process.
    AgentService& agents();
    Registrar& registrar();
    CertificateTable& certificates();

    Tokens& tokens();
    Model& model();
    JobEngine& jobs();
    const RestApi& api() const;
    /// How power devices are reached; `driver` outlives this. Without one they all count as unreachable.
    void use_power_driver(PowerDriver& driver);
    /// Who asks storage controllers; `source` outlives this. Without one nobody does.
    void use_controller_source(ControllerSource& source);
    /// Called for the number of open client connections that the status page shows.
    void count_connections(std::function<std::size_t()> count);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace csim
