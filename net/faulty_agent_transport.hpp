// An agent's network as an experiment wants it: working, slow, losing, cut, refusing, or swallowing what the
// manager says.
#pragma once

#include "agent_proto/transport.hpp"
#include "core/event_loop.hpp"
#include "net/link_conditions.hpp"

#include <cstdint>
#include <memory>

namespace csim {

/// Wraps a real transport. All on the world's thread. Source: the behaviour specification, §10.2. Differs: a
/// long poll that is open when a fault begins feels it; the original looked at its switch before a request.
class FaultyAgentTransport : public AgentTransport {
  public:
    /// `timeline` outlives this.
    FaultyAgentTransport(Timeline& timeline, Rng chance, std::unique_ptr<AgentTransport> real);
    ~FaultyAgentTransport() override;

    /// refuse breaks what is open at once. drop_responses takes an open request of each kind for the one that
    /// still reaches the manager.
    void set_fault(NetworkFault fault);
    NetworkFault fault() const { return fault_; }
    /// From the next request or answer on; the answer to an open poll is the next one. What is on its way
    /// already arrives when it would have. A lost request or answer fails 60 s after its request began.
    void set_conditions(const LinkConditions& link) { link_ = link; }

    void get(const AgentGet& request, UniqueFunction<void(Outcome<std::vector<Message>>)> done) override;
    void post(AgentPost request, UniqueFunction<void(Outcome<Nothing>)> done) override;
    void copytool_events(const Json& envelope, UniqueFunction<void(Outcome<Json>)> done) override;
    void abandon() override;

  private:
    /// One request and its answer. What comes back for an older `turn` is ignored.
    template <class T>
    struct Lane {
        std::uint64_t turn = 0;
        UniqueFunction<void(Outcome<T>)> done;  ///< empty: nothing is under way
        SimTime begun;
        EventId event;
        bool spent = false;  ///< the one request that drop_responses lets through
    };
    template <class T>
    using Done = UniqueFunction<void(Outcome<T>)>;
    template <class Request, class T>
    using Send = void (AgentTransport::*)(Request, Done<T>);

    /// `Request`: as `send` takes it, by value or by reference.
    template <class Request, class T>
    void begin(Lane<T>& lane, std::type_identity_t<Request> request, Done<T> done, Send<Request, T> send);
    template <class T>
    void arrived(Lane<T>& lane, Outcome<T> outcome);
    template <class T>
    void finish_after(Lane<T>& lane, Duration delay, Outcome<T> outcome);
    template <class T>
    void fail_after(Lane<T>& lane, Duration delay, const char* what);
    template <class T>
    void lose(Lane<T>& lane);
    template <class T>
    void clear(Lane<T>& lane);

    Timeline& timeline_;
    Rng chance_;
    std::unique_ptr<AgentTransport> real_;
    NetworkFault fault_ = NetworkFault::none;
    LinkConditions link_;
    Lane<std::vector<Message>> get_;
    Lane<Nothing> post_;
    Lane<Json> tool_;
};

}  // namespace csim
