// Relays the events of one copytool to the manager. Lines go in, posts come out; where lines come from is not
// its concern.
#pragma once

#include "agent_proto/copytool_events.hpp"
#include "agent_proto/transport.hpp"
#include "core/timeline.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace csim {

/// The longest `POST /agent/copytool_event/` that a reference front end lets through.
inline constexpr std::size_t copytool_post_bytes_max = 1'048'576;

struct CopytoolRelayCounters {
    std::uint64_t posts = 0;
    std::uint64_t failures = 0;
    std::uint64_t relayed = 0;
    std::uint64_t dropped =
        0;  ///< lines that are no event, too long ones, and events the manager will not take
};

/// At most once a second; after failures every 10, 20, 40, 60, 60 … seconds. Order is kept. Events of a post
/// that the manager refused (4xx) go once more, one by one; those that it refuses again are dropped. Source:
/// §6.3 of the protocol. Differs: 1 MiB a post (B-18); a refused event does not block the others (B-28); one
/// bad line does not end a round.
class CopytoolRelay {
  public:
    struct Setup {
        std::string fqdn;
        std::string copytool;  ///< the manager's id of it
    };

    /// `timeline` and `transport` outlive this.
    CopytoolRelay(Setup setup, Timeline& timeline, AgentTransport& transport);
    ~CopytoolRelay();
    CopytoolRelay(const CopytoolRelay&) = delete;
    CopytoolRelay& operator=(const CopytoolRelay&) = delete;

    /// One line of the copytool, without its newline.
    void line(std::string_view text);
    /// Tries to relay what is queued once more and at once, then nothing any more.
    void stop();

    std::size_t queued() const { return events_.size(); }
    std::size_t active_operations() const { return operations_.size(); }
    const CopytoolRelayCounters& counters() const { return counters_; }

  private:
    struct Event {
        std::shared_ptr<Json> json;  ///< shared because Json is incomplete here
        std::size_t bytes = 0;
        bool marked = false;   ///< its operation was looked up
        bool refused = false;  ///< once, in company
    };

    void wake_after(Duration pause);
    void relay();
    std::size_t fill(Json& events);
    void done(const Outcome<Json>& outcome);
    void delivered(const Json& active_operations);
    void failed(const Failure& failure);
    void forget_sent();

    Setup setup_;
    Timeline& timeline_;
    AgentTransport& transport_;
    CopytoolRelayCounters counters_;
    ActiveOperations operations_;
    std::deque<Event> events_;
    std::size_t envelope_bytes_ = 0;
    std::size_t in_flight_ = 0;  ///< that many of the first events are in a post
    Duration pause_;
    bool stopping_ = false;
    bool last_round_ = false;
    EventId timer_;
    std::shared_ptr<CopytoolRelay*> self_;  ///< null for answers that come too late
};

}  // namespace csim
