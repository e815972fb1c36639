// A manager on a bench, asked by HTTP over whatever lies between: the front itself in this process, or real
// connections. The same checks run over both.
#pragma once

#include "core/time.hpp"
#include "manager/action_rpc.hpp"
#include "manager/agent_service.hpp"
#include "manager/tokens.hpp"
#include "net/http.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace csim {

class ManagerBench {
  public:
    virtual ~ManagerBench() = default;

    /// A certificate request in the form that this manager's signer takes. The same `key` is the same key.
    virtual std::string certificate_request(const std::string& common_name, const std::string& key) = 0;

    using Reply = std::shared_ptr<std::optional<HttpReply>>;
    /// Sends as the holder of `certificate`, the text that a registration yielded; empty: without one.
    virtual Reply send(const std::string& certificate, HttpRequest request) = 0;
    /// Sends with a certificate that does not verify.
    virtual Reply send_as_stranger(HttpRequest request) = 0;

    virtual SimTime now() const = 0;
    virtual void run_for(Duration span) = 0;
    /// Until the reply is there; fails the test if it does not come within `limit` of simulated time.
    HttpReply wait(const Reply& reply, Duration limit = std::chrono::seconds(31));

    /// Stops the manager without farewell and starts it again on the same state.
    virtual void restart() = 0;
    virtual AgentService& service() = 0;
    virtual ActionRpc& rpc() = 0;
    virtual Tokens& tokens() = 0;
    virtual void remove_host(const std::string& fqdn) = 0;
    /// Addresses of hosts that creation refuses as in use.
    virtual void occupy_address(const std::string& address) = 0;
    /// What consumers and observers were told since the last call: `linux created`, `linux terminated`,
    /// `linux data`, `linux_network full`, `linux_network incremental`, `contact lost`, `contact made`,
    /// `booted`, `rebooted`. `linux` and `linux_network` are behind sequence checks, `lustre` is not.
    virtual std::vector<std::string> events() = 0;
};

using ManagerBenchFactory = std::function<std::unique_ptr<ManagerBench>()>;

/// One line of the checklist.
struct ManagerCheck {
    const char* name;
    void (*run)(const ManagerBenchFactory& make);
};

/// The manager's part of the conformance checklist (Appendix C), and the rows of §9 that name the manager.
std::vector<ManagerCheck> manager_checks();
std::vector<ManagerCheck> manager_registration_checks();
std::vector<ManagerCheck> manager_message_checks();
std::vector<ManagerCheck> manager_session_checks();
std::vector<ManagerCheck> manager_contact_checks();
std::vector<ManagerCheck> manager_action_checks();
std::vector<ManagerCheck> manager_action_oddity_checks();

}  // namespace csim
