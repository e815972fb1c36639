// Lets agents join: exchanges a token and a certificate request for a certificate, in the order of checks
// that agents and their operators rely on. Source: the agent protocol, §2.2 to §2.10. Differs: whatever the
// reference answers with 500 is 400 with the field and the reason, and an agent that lost the reply to its
// registration may ask again with the same key.
#pragma once

#include "core/unique_function.hpp"
#include "manager/agent_service.hpp"
#include "manager/certificate_table.hpp"
#include "manager/host_registry.hpp"
#include "manager/signer.hpp"
#include "manager/tokens.hpp"
#include "net/http.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

struct RegistrarOptions {
    std::string manager_version = "4.0.10.0";
    std::string manager_url = "https://localhost:8000/";  ///< ends in a slash
};

class Registrar {
  public:
    using Done = UniqueFunction<void(HttpReply)>;

    Registrar(
        Timeline& timeline, Documents& documents, Tokens& tokens, CertificateTable& certificates,
        Signer& signer, HostRegistry& hosts, AgentService& service, RegistrarOptions options = {}
    );

    /// `POST /agent/register/<secret>/`. A 201 leaves only when the registration is on disk.
    void register_agent(std::string_view secret, std::string_view body, Done done);
    /// `POST /agent/reregister/` by the host `fqdn`. A 200 leaves only when the change is on disk.
    void reregister(const std::string& fqdn, std::string_view body, Done done);
    /// `GET /agent/setup/<secret>/`: the bootstrap script.
    HttpReply setup(std::string_view secret, const std::optional<std::string>& profile_name);
    /// Ends sessions and revokes every certificate of the host.
    void remove_host(const std::string& fqdn);

  private:
    struct Attempt;
    std::optional<HttpReply> check(Attempt& attempt, std::string_view body) const;
    std::optional<HttpReply> check_identity(Attempt& attempt) const;
    void sign(std::shared_ptr<Attempt> attempt);
    void finish(Attempt& attempt, const Result<SignedCertificate>& certificate);
    std::optional<HttpReply> admit(Attempt& attempt, const std::string& serial);
    HttpReply change_name(const std::string& fqdn, std::string_view body);

    Timeline& timeline_;
    Documents& documents_;
    Tokens& tokens_;
    CertificateTable& certificates_;
    Signer& signer_;
    HostRegistry& hosts_;
    AgentService& service_;
    RegistrarOptions options_;
    std::set<std::string, std::less<>> in_progress_;  ///< names whose certificates are being signed
};

/// A name that a host may have: 1 to 64 letters, digits, dots, hyphens and underscores.
bool is_host_name(std::string_view name);
/// Parses `4.0.10.0-2017` to {4, 0, 10}: the components made of digits only.
std::vector<std::int64_t> parse_version(std::string_view version);
/// Accepts the same major and a minor that is not newer than the manager's; an unknown version on either side
/// is accepted.
bool versions_compatible(const std::vector<std::int64_t>& manager, const std::vector<std::int64_t>& agent);

}  // namespace csim
