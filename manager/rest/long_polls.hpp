// GETs that wait for a change of what they show.
// Source: the manager API, §1.8.
#pragma once

#include "core/json.hpp"
#include "manager/model/changes.hpp"

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace csim {

class LongPolls {
  public:
    static constexpr Duration limit = std::chrono::seconds(300);

    LongPolls(Timeline& timeline, Changes& changes);
    ~LongPolls();

    /// Names a request that waits; 0 names none.
    using Ticket = std::uint64_t;
    /// Calls `answer(true)` once something in `tables` has changed after `seen`, inside this call if it has
    /// already (then the ticket is 0), or `answer(false)` when the time limit has passed.
    Ticket wait(const std::vector<Watched>& tables, std::int64_t seen, UniqueFunction<void(bool)> answer);
    /// Forgets a request unanswered: whoever asked is gone. Harmless when it was answered.
    void drop(Ticket ticket);
    std::size_t waiting() const { return waiting_.size(); }

    /// The stamps of `tables` and the greatest of them, as clients send it back. Compact JSON text.
    std::string stamps(const std::vector<Watched>& tables) const;
    /// `max_timestamp` in what a client sent; 0 for `0` and for anything else.
    static std::int64_t seen_in(const std::string& text);

  private:
    struct Waiting {
        Ticket ticket = 0;
        unsigned tables = 0;
        UniqueFunction<void(bool)> answer;
        EventId timeout;
    };
    void changed(unsigned tables);

    Timeline& timeline_;
    Changes& changes_;
    std::list<Waiting> waiting_;
    std::map<Ticket, std::list<Waiting>::iterator> by_ticket_;
    Ticket last_ticket_ = 0;
};

}  // namespace csim
