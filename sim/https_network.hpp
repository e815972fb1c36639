// The fleet's way to a manager over real TLS: one client for all agents.
#pragma once

#include "net/https_agent_transport.hpp"
#include "sim/agent_network.hpp"
#include "sim/manager_url.hpp"

#include <map>
#include <set>
#include <string>

namespace csim {

struct HttpsNetworkOptions {
    ManagerUrl manager;
    std::string ca_file;                             ///< empty: the manager's certificate is not verified
    bool keep_alive = true;                          ///< false: a connection for each request
    std::size_t connections_max = 0;                 ///< 0: what the descriptors allow
    std::vector<std::string> source_addresses = {};  ///< as in HttpsClientOptions
    Duration registration_timeout = 60s;             ///< of one request
};

class HttpsNetwork final : public AgentNetwork {
  public:
    /// Throws Fatal for a CA file that cannot be used and a host that cannot be found.
    HttpsNetwork(Inbox& inbox, const HttpsNetworkOptions& options);
    ~HttpsNetwork() override;

    Result<std::unique_ptr<AgentTransport>> connect(const std::string& fqdn, const Credentials& credentials)
        override;
    RegistrationTransport& registration() override { return registration_; }
    void set_fault(const std::string& fqdn, NetworkFault fault) override;
    NetworkStats stats() const override;

    /// For REST sessions beside the agents.
    HttpsClient& client() { return client_; }

  private:
    class Transport;
    NetworkFault fault_of(const std::string& fqdn) const;

    Inbox& inbox_;
    std::string base_path_;
    HttpsClient client_;
    HttpsRegistrationTransport registration_;
    NetworkFault fault_of_all_ = NetworkFault::none;
    std::map<std::string, NetworkFault> faults_;
    std::map<std::string, std::set<Transport*>> transports_;  ///< those that live, by fqdn
};

}  // namespace csim
