// The fleet's way to a manager over real TLS: one client for all agents.
#pragma once

#include "net/agent_links.hpp"
#include "net/https_agent_transport.hpp"
#include "sim/agent_network.hpp"
#include "sim/manager_url.hpp"

#include <string>

namespace csim {

struct HttpsNetworkOptions {
    ManagerUrl manager;
    std::string ca_file;                             ///< empty: the manager's certificate is not verified
    bool keep_alive = true;                          ///< false: a connection for each request
    bool hibernate = false;                          ///< as in HttpsClientOptions
    std::size_t connections_max = 0;                 ///< 0: what the descriptors allow
    std::vector<std::string> source_addresses = {};  ///< as in HttpsClientOptions
    Duration registration_timeout = 60s;             ///< of one request
    std::uint64_t seed = 0;                          ///< of what is lost and late when a link is made worse
};

class HttpsNetwork final : public AgentNetwork {
  public:
    /// Throws Fatal for a CA file that cannot be used and a host that cannot be found.
    HttpsNetwork(Inbox& inbox, Timeline& timeline, const HttpsNetworkOptions& options);
    ~HttpsNetwork() override;

    Result<std::unique_ptr<AgentTransport>> connect(const std::string& fqdn, const Credentials& credentials)
        override;
    RegistrationTransport& registration() override { return registration_; }
    void set_fault(const std::string& fqdn, NetworkFault fault) override { links_.set_fault(fqdn, fault); }
    NetworkFault fault(const std::string& fqdn) const override { return links_.fault(fqdn); }
    void set_conditions(const std::string& fqdn, const LinkConditions& conditions) override {
        links_.set_conditions(fqdn, conditions);
    }
    const LinkConditions& conditions(const std::string& fqdn) const override {
        return links_.conditions(fqdn);
    }
    const LinkConditions& normal() const override { return normal_; }
    NetworkStats stats() const override;

    /// For REST sessions beside the agents.
    HttpsClient& client() { return client_; }

  private:
    std::string base_path_;
    HttpsClient client_;
    HttpsRegistrationTransport registration_;
    LinkConditions normal_;
    AgentLinks links_;
};

}  // namespace csim
