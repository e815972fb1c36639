// The agent-facing HTTP paths: `/agent/…`, `/certificate` and `/repo/…`. Decides who may ask what, decodes,
// encodes. Source: the agent protocol, §1.3, §1.7 and §1.9.
#pragma once

#include "core/unique_function.hpp"
#include "manager/agent_service.hpp"
#include "manager/certificate_table.hpp"
#include "manager/copytool_events.hpp"
#include "manager/registrar.hpp"
#include "manager/signer.hpp"
#include "net/http.hpp"

#include <optional>
#include <string_view>

namespace csim {

/// A refusal that concerns every path of the manager, REST included: a client certificate that does not
/// verify.
std::optional<HttpReply> refuse_peer(const Peer& peer);

class AgentFront {
  public:
    using Done = UniqueFunction<void(HttpReply)>;

    /// `copytools` may be nullptr: then there is no copytool.
    AgentFront(
        AgentService& service, CertificateTable& certificates, Registrar& registrar, const Signer& signer,
        CopytoolSink* copytools
    );

    /// True if the target is the front's to answer.
    static bool owns(std::string_view target);
    /// Answers through `done` once: inside this call, or later for long polls and registrations.
    void handle(const HttpRequest& request, const Peer& peer, Done done);

  private:
    void handle_as(const std::string& fqdn, std::string_view path, const HttpRequest& request, Done done);
    void poll(const std::string& fqdn, std::string_view query, Done done);
    HttpReply post(const std::string& fqdn, std::string_view body);

    AgentService& service_;
    CertificateTable& certificates_;
    Registrar& registrar_;
    const Signer& signer_;
    CopytoolSink* copytools_;
};

}  // namespace csim
