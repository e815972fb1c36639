#include "sim/https_network.hpp"

#include <utility>

namespace csim {

/// A faulty transport that is known to its network for as long as it lives.
class HttpsNetwork::Transport final : public AgentTransport {
  public:
    Transport(HttpsNetwork& network, std::string fqdn, std::unique_ptr<AgentTransport> real)
        : network_(network), fqdn_(std::move(fqdn)), way_(network.inbox_, std::move(real)) {
        way_.set_fault(network_.fault_of(fqdn_));
        network_.transports_[fqdn_].insert(this);
    }
    ~Transport() override {
        auto& alive = network_.transports_[fqdn_];
        alive.erase(this);
        if (alive.empty()) network_.transports_.erase(fqdn_);
    }

    void get(const AgentGet& request, UniqueFunction<void(Outcome<std::vector<Message>>)> done) override {
        way_.get(request, std::move(done));
    }
    void post(AgentPost request, UniqueFunction<void(Outcome<Nothing>)> done) override {
        way_.post(std::move(request), std::move(done));
    }
    void copytool_events(const Json& envelope, UniqueFunction<void(Outcome<Json>)> done) override {
        way_.copytool_events(envelope, std::move(done));
    }
    void abandon() override { way_.abandon(); }
    void set_fault(NetworkFault fault) { way_.set_fault(fault); }

  private:
    HttpsNetwork& network_;
    std::string fqdn_;
    FaultyAgentTransport way_;
};

HttpsNetwork::HttpsNetwork(Inbox& inbox, const HttpsNetworkOptions& options)
    : inbox_(inbox),
      base_path_(options.manager.base_path),
      client_(
          inbox,
          HttpsClientOptions{
              .host = options.manager.host,
              .port = options.manager.port,
              .tls = options.manager.tls,
              .ca_file = options.ca_file,
              .keep_alive = options.keep_alive,
              .connections_max = options.connections_max,
              .source_addresses = options.source_addresses}
      ),
      registration_(client_, base_path_, options.registration_timeout) {}

HttpsNetwork::~HttpsNetwork() = default;

Result<std::unique_ptr<AgentTransport>> HttpsNetwork::connect(
    const std::string& fqdn, const Credentials& credentials
) {
    auto identity = parse_identity(credentials.key_pem, credentials.certificate_pem);
    if (!identity) return Error{identity.error().code, fqdn + ": " + identity.error().detail};
    auto real = std::make_unique<HttpsAgentTransport>(client_, *identity, base_path_);
    return std::unique_ptr<AgentTransport>(std::make_unique<Transport>(*this, fqdn, std::move(real)));
}

NetworkFault HttpsNetwork::fault_of(const std::string& fqdn) const {
    const auto found = faults_.find(fqdn);
    return found == faults_.end() ? fault_of_all_ : found->second;
}

void HttpsNetwork::set_fault(const std::string& fqdn, NetworkFault fault) {
    if (fqdn.empty()) {
        fault_of_all_ = fault;
        faults_.clear();
    } else {
        faults_[fqdn] = fault;
    }
    for (auto& [name, alive] : transports_) {
        if (!fqdn.empty() && name != fqdn) continue;
        for (Transport* transport : alive) transport->set_fault(fault);
    }
}

NetworkStats HttpsNetwork::stats() const {
    const HttpsClientStats from = client_.stats();
    return {from.requests, from.failures, from.bytes_sent, from.bytes_received, from.open, from.connects};
}

}  // namespace csim
