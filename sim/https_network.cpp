#include "sim/https_network.hpp"

#include <utility>

namespace csim {

HttpsNetwork::HttpsNetwork(Inbox& inbox, Timeline& timeline, const HttpsNetworkOptions& options)
    : base_path_(options.manager.base_path),
      client_(
          inbox,
          HttpsClientOptions{
              .host = options.manager.host,
              .port = options.manager.port,
              .tls = options.manager.tls,
              .ca_file = options.ca_file,
              .keep_alive = options.keep_alive,
              .hibernate = options.hibernate,
              .connections_max = options.connections_max,
              .source_addresses = options.source_addresses}
      ),
      registration_(client_, base_path_, options.registration_timeout),
      links_(timeline, Rng(options.seed).stream("network")) {}

HttpsNetwork::~HttpsNetwork() = default;

Result<std::unique_ptr<AgentTransport>> HttpsNetwork::connect(
    const std::string& fqdn, const Credentials& credentials
) {
    auto identity = parse_identity(credentials.key_pem, credentials.certificate_pem);
    if (!identity) return Error{identity.error().code, fqdn + ": " + identity.error().detail};
    auto real = std::make_unique<HttpsAgentTransport>(client_, *identity, base_path_);
    return links_.wrap(fqdn, std::move(real));
}

NetworkStats HttpsNetwork::stats() const {
    const HttpsClientStats from = client_.stats();
    return {from.requests, from.failures, from.bytes_sent, from.bytes_received,
            from.open,     from.connects, from.hibernating};
}

}  // namespace csim
