// Those that do the work: worker processes on this machine and, at the first rank, the other ranks. Lost ones
// are noticed, counted and not waited for.
#pragma once

#include "connections/engine/totals.hpp"
#include "connections/fleet/message_socket.hpp"
#include "connections/plan.hpp"

#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace csim::connections {

struct Member {
    enum class State : std::uint8_t { starting, greeted, ready, working, done, lost };

    MessageSocket socket;
    Share share;
    std::string name;  ///< `worker 3`, `rank 2`
    pid_t pid = -1;    ///< of a worker of ours
    State state = State::starting;
    Totals totals;       ///< the last that came
    Nanos heard = 0;     ///< when something came last
    std::string ending;  ///< lost: how
};

class Crew {
  public:
    /// `command` starts a worker; the number of its control descriptor is added.
    explicit Crew(std::vector<std::string> command) : command_(std::move(command)) {}
    ~Crew();  ///< kills and reaps what is left
    Crew(const Crew&) = delete;

    /// Throws Fatal when a process cannot be started.
    void start_worker(const Share& share);
    void add_rank(MessageSocket socket, const Share& share, const std::string& name);

    void tell_plan(const Plan& plan);
    void tell(Word word);
    /// Waits for news for at most `limit_ms`. Throws Fatal with a member's sentence when a plan cannot be
    /// carried out.
    void poll(int limit_ms, Nanos now);

    /// Everybody has come at least so far. The lost have.
    bool all(Member::State state) const;
    std::size_t lost() const;
    const std::vector<std::unique_ptr<Member>>& members() const { return members_; }
    /// Of everybody. The connections of a lost member count as drops (worker-lost) and as dead.
    Totals totals() const;

  private:
    void take(Member& member, const Message& message, Nanos now);
    void lose(Member& member, const std::string& how);
    static std::string end_of(pid_t pid);

    std::vector<std::string> command_;
    std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace csim::connections
