// Agents and registrations over HTTPS. Sentences, headers and time-outs of the agent protocol; no decisions.
#pragma once

#include "agent_proto/transport.hpp"
#include "net/https_client.hpp"

#include <memory>
#include <string>
#include <vector>

namespace csim {

/// One agent process: two lanes of its identity, one for the long poll and one for everything else.
/// Source: the agent protocol, §1.8 (headers), §1.9 (what counts as success), §3.1, §3.3, §6.4.
/// Differs: redirects are failures, because following one would lose a POST's body.
class HttpsAgentTransport final : public AgentTransport {
  public:
    /// `base_path` is the path of the manager's URL, such as `/`. `client` outlives this.
    HttpsAgentTransport(
        HttpsClient& client, std::shared_ptr<const TlsIdentity> identity, const std::string& base_path = "/",
        Duration timeout = std::chrono::seconds(60)
    );
    ~HttpsAgentTransport() override;

    void get(const AgentGet& request, UniqueFunction<void(Outcome<std::vector<Message>>)> done) override;
    void post(AgentPost request, UniqueFunction<void(Outcome<Nothing>)> done) override;
    void copytool_events(const Json& envelope, UniqueFunction<void(Outcome<Json>)> done) override;
    void abandon() override;

  private:
    HttpRequest request(std::string method, const std::string& target, std::string body) const;

    HttpsClient& client_;
    const std::string base_path_;  ///< without the trailing slash
    const Duration timeout_;
    const HttpsClient::LaneId get_lane_;
    const HttpsClient::LaneId post_lane_;
};

/// Registrations, any number at a time, over connections that the next ones use again. When the last one is
/// answered, one connection stays and the others go: thousands of agents need the descriptors.
class HttpsRegistrationTransport final : public RegistrationTransport {
  public:
    explicit HttpsRegistrationTransport(
        HttpsClient& client, const std::string& base_path = "/", Duration timeout = std::chrono::seconds(60)
    );
    ~HttpsRegistrationTransport() override;

    void register_agent(
        const std::string& secret, const std::string& body, UniqueFunction<void(Result<Reply>)> done
    ) override;

  private:
    HttpsClient::LaneId take_lane();
    void give_back(HttpsClient::LaneId lane);

    HttpsClient& client_;
    const std::string base_path_;
    const Duration timeout_;
    std::vector<HttpsClient::LaneId> lanes_;
    std::vector<HttpsClient::LaneId> free_;
};

}  // namespace csim
