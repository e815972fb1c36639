// The manager's end of the wire in one process: keeps what it is sent, answers as a test says. Messages stay
// typed.
#pragma once

#include "agent_proto/transport.hpp"
#include "core/timeline.hpp"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace csim {

class ScriptedManager final : public AgentTransport {
  public:
    struct SeenGet {
        SimTime at;
        AgentGet request;
    };
    struct SeenPost {
        SimTime at;
        AgentPost request;
    };

    explicit ScriptedManager(Timeline& timeline, Duration latency = 1ms)
        : timeline_(timeline), latency_(latency) {}

    void get(const AgentGet& request, UniqueFunction<void(Outcome<std::vector<Message>>)> done) override;
    void post(AgentPost request, UniqueFunction<void(Outcome<Nothing>)> done) override;
    void copytool_events(const Json& envelope, UniqueFunction<void(Outcome<Json>)> done) override;
    void abandon() override;

    /// Answers session requests, each first poll of a new agent process with SESSION_TERMINATE_ALL, and other
    /// polls with nothing after 30 s.
    bool opens_sessions = false;
    bool keeps_requests = true;
    unsigned post_status = 0;      ///< posts fail with this status when not 0
    bool holds_posts = false;      ///< posts stay in flight until release_posts()
    unsigned copytool_status = 0;  ///< copytool posts fail with this status when not 0
    std::vector<std::string> copytool_texts;
    std::vector<std::pair<std::string, std::int64_t>> copytool_reply;  ///< active operations to answer

    /// Sends messages with the poll that is open, or the next one.
    void send(std::vector<Message> messages);
    /// The open poll and all later ones fail, until gets_work().
    void fail_gets(unsigned status);
    void gets_work() { get_status_.reset(); }
    void release_posts();

    bool poll_open() const { return static_cast<bool>(parked_); }
    bool post_open() const { return post_in_flight_; }
    std::string session_id(const std::string& plugin) const;

    std::vector<SeenGet> gets;
    std::vector<SeenPost> posts;
    std::uint64_t get_count = 0;
    std::uint64_t post_count = 0;

  private:
    void answer_poll();
    void fail_poll();
    void poll_times_out(std::uint64_t poll);
    void finish_post();
    void open_sessions(const AgentPost& request);

    Timeline& timeline_;
    Duration latency_;
    std::uint64_t connection_ = 0;  ///< events of abandoned connections are ignored
    std::uint64_t poll_ = 0;
    std::optional<unsigned> get_status_;
    UniqueFunction<void(Outcome<std::vector<Message>>)> parked_;
    UniqueFunction<void(Outcome<Nothing>)> post_done_;
    bool post_in_flight_ = false;
    std::vector<Message> outgoing_;
    std::string known_start_time_;
    std::uint64_t last_session_ = 0;
    std::map<std::string, std::string> session_ids_;
};

/// Messages as a manager sends them.
Message response(const std::string& plugin, const std::string& session_id);
Message terminate(const std::string& plugin);
Message terminate_all();
Message data_for(const std::string& plugin, const std::string& session_id, Json body);

}  // namespace csim
