// An agent's network as an experiment wants it: working, refusing, or swallowing what the manager says.
#pragma once

#include "agent_proto/transport.hpp"
#include "core/event_loop.hpp"

#include <cstdint>
#include <memory>

namespace csim {

enum class NetworkFault {
    none,
    refuse,          ///< every request fails at once
    drop_responses,  ///< one GET and one POST reach the manager, their answers are lost; then everything
                     ///< fails
};

/// Wraps a real transport. All on the world's thread.
class FaultyAgentTransport final : public AgentTransport {
  public:
    /// `inbox` outlives this; it brings failures made here back as later calls.
    FaultyAgentTransport(Inbox& inbox, std::unique_ptr<AgentTransport> real);
    ~FaultyAgentTransport() override;

    /// From the next request or answer on.
    void set_fault(NetworkFault fault);
    NetworkFault fault() const { return fault_; }

    void get(const AgentGet& request, UniqueFunction<void(Outcome<std::vector<Message>>)> done) override;
    void post(AgentPost request, UniqueFunction<void(Outcome<Nothing>)> done) override;
    void copytool_events(const Json& envelope, UniqueFunction<void(Outcome<Json>)> done) override;
    void abandon() override;

  private:
    template <class T>
    void fail_later(UniqueFunction<void(Outcome<T>)> done, const char* what);
    template <class T>
    UniqueFunction<void(Outcome<T>)> losing(UniqueFunction<void(Outcome<T>)> done);
    bool lets_through(bool& spent);

    Inbox& inbox_;
    std::unique_ptr<AgentTransport> real_;
    NetworkFault fault_ = NetworkFault::none;
    bool get_spent_ = false;
    bool post_spent_ = false;
    std::shared_ptr<std::uint64_t> epoch_ =
        std::make_shared<std::uint64_t>(0);  ///< grows when callbacks lapse
};

}  // namespace csim
