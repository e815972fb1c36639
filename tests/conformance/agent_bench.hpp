// An agent on a bench, and the manager it talks to, over whatever lies between them. The same checks then run
// over an in-process peer and over real connections.
#pragma once

#include "agent_proto/agent.hpp"
#include "core/time.hpp"
#include "tests/agent_proto/scripted_server.hpp"
#include "wire/message.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace csim {

/// A request as it stood on the wire.
struct SeenGet {
    SimTime at;
    std::string target;
};
struct SeenPost {
    SimTime at;
    std::string text;
    AgentPost post;
};

/// The manager's side. It obeys the test and nothing else.
class ManagerPeer {
  public:
    virtual ~ManagerPeer() = default;
    virtual std::vector<SeenGet> gets() const = 0;
    virtual std::vector<SeenPost> posts() const = 0;
    /// Answers the open long poll with these, or the next one.
    virtual void send(std::vector<Message> messages) = 0;
    /// Polls (the open one too) or posts fail with this status, 0 being a broken connection, until works().
    virtual void fail_gets(unsigned status) = 0;
    virtual void fail_posts(unsigned status) = 0;
    virtual void works() = 0;
    /// Posts stay unanswered until release_posts().
    virtual void hold_posts() = 0;
    virtual void release_posts() = 0;
};

/// One agent named `oss1.example.com` with the plugins action_runner, linux and lustre.
class AgentBench {
  public:
    virtual ~AgentBench() = default;
    virtual Agent& agent() = 0;
    virtual ManagerPeer& manager() = 0;
    virtual ScriptedReports& reports() = 0;
    virtual ScriptedActions& actions() = 0;
    virtual SimTime now() const = 0;
    virtual void run_for(Duration span) = 0;
};

struct BenchOptions {
    WireHabits habits;
};
using BenchFactory = std::function<std::unique_ptr<AgentBench>(const BenchOptions&)>;

/// One line of the checklist.
struct AgentCheck {
    const char* name;
    void (*run)(const BenchFactory& make);
};

/// The agent's part of the conformance checklist (Appendix C), and the rows of §9 that name the agent.
const std::vector<AgentCheck>& agent_checks();

}  // namespace csim
