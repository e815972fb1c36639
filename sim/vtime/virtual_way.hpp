// One agent's connections through a VirtualNetwork: a lane for its long poll, one for its posts.
#pragma once

#include "sim/vtime/virtual_network.hpp"

#include <optional>

namespace csim {

/// What is known of one host's way, shared by all transports of that host.
struct VirtualNetwork::Link {
    LinkConditions conditions;
    NetworkFault fault = NetworkFault::none;
    Rng chance{0};
};

class VirtualNetwork::Way final : public AgentTransport {
  public:
    Way(VirtualNetwork& network, std::string fqdn, std::string serial, Link& link, std::uint64_t number);
    ~Way() override;

    void get(const AgentGet& request, UniqueFunction<void(Outcome<std::vector<Message>>)> done) override;
    void post(AgentPost request, UniqueFunction<void(Outcome<Nothing>)> done) override;
    void copytool_events(const Json& envelope, UniqueFunction<void(Outcome<Json>)> done) override;
    bool carries_text() const override { return network_.text_; }
    void abandon() override;

    /// The connections break, as when the manager's process ends: what waits for an answer fails.
    void reset();
    /// The agent's process goes on.
    void thaw();
    std::uint64_t number() const { return number_; }
    const std::string& fqdn() const { return fqdn_; }

  private:
    enum class Stage { idle, sending, waiting, answering, lost };
    /// One request and its answer. Callbacks that carry an older `turn` are ignored.
    template <class Request, class Answer>
    struct Lane {
        Stage stage = Stage::idle;
        std::uint64_t turn = 0;
        Request request;
        UniqueFunction<void(Outcome<Answer>)> done;
        std::optional<Outcome<Answer>> answer;
        EventId event;
    };
    using GetLane = Lane<AgentGet, std::vector<Message>>;
    using PostLane = Lane<AgentPost, Nothing>;
    using ToolLane = Lane<std::string, Json>;

    template <class L>
    void begin(L& lane, EventFn arrive);
    template <class L>
    void lose(L& lane, EventFn give_up);
    template <class L, class A>
    void answer(L& lane, A answer, EventFn deliver);
    template <class L>
    void deliver(L& lane, EventFn again);
    template <class L>
    void fail(L& lane, const char* why, EventFn deliver);
    template <class L>
    bool lost(const L& lane, bool to_manager);

    Duration delay(std::size_t bytes);
    /// The host that the certificate stands for now; null: none.
    const std::string* host();
    void get_arrived();
    void post_arrived();
    void tool_arrived();
    void arrives_late(AgentPost post);
    Outcome<Nothing> offer(const AgentPost& post);

    static Way& of(void* way) { return *static_cast<Way*>(way); }

    VirtualNetwork& network_;
    const std::string fqdn_;
    const std::string serial_;
    Link& link_;
    const std::uint64_t number_;
    GetLane get_;
    PostLane post_;
    ToolLane tool_;
    /// What host() found, as long as the manager and its certificates are the same.
    struct Identity {
        std::uint64_t life = 0, certificates = 0;
        const std::string* fqdn = nullptr;
        AgentCaller caller;
    };
    Identity identity_;
    std::shared_ptr<Way*> self_;  ///< null for answers of the manager that come too late
};

}  // namespace csim
