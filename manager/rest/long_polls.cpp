// Waiting requests and the stamps they wait for.
#include "manager/rest/long_polls.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace csim {

LongPolls::LongPolls(Timeline& timeline, Changes& changes) : timeline_(timeline), changes_(changes) {
    changes.on_settled([this](unsigned tables) { changed(tables); });
}

LongPolls::~LongPolls() {
    for (Waiting& waiting : waiting_) timeline_.cancel(waiting.timeout);
}

LongPolls::Ticket LongPolls::wait(
    const std::vector<Watched>& tables, std::int64_t seen, UniqueFunction<void(bool)> answer
) {
    unsigned bits = 0;
    bool newer = false;
    for (Watched table : tables) {
        bits |= 1u << static_cast<unsigned>(table);
        newer = newer || changes_.stamp(table) > seen;
    }
    if (newer) {
        answer(true);
        return 0;
    }
    const Ticket ticket = ++last_ticket_;
    auto at = waiting_.insert(waiting_.end(), Waiting{ticket, bits, std::move(answer), {}});
    by_ticket_[ticket] = at;
    at->timeout = timeline_.after(limit, [this, at] {
        auto late = std::move(at->answer);
        by_ticket_.erase(at->ticket);
        waiting_.erase(at);
        late(false);
    });
    return ticket;
}

void LongPolls::drop(Ticket ticket) {
    auto at = by_ticket_.find(ticket);
    if (at == by_ticket_.end()) return;
    timeline_.cancel(at->second->timeout);
    waiting_.erase(at->second);
    by_ticket_.erase(at);
}

void LongPolls::changed(unsigned tables) {
    std::vector<UniqueFunction<void(bool)>> ready;
    for (auto at = waiting_.begin(); at != waiting_.end();) {
        if ((at->tables & tables) == 0) {
            ++at;
            continue;
        }
        timeline_.cancel(at->timeout);
        ready.push_back(std::move(at->answer));
        by_ticket_.erase(at->ticket);
        at = waiting_.erase(at);
    }
    for (auto& answer : ready) answer(true);
}

std::string LongPolls::stamps(const std::vector<Watched>& tables) const {
    Json stamps = Json::object();
    std::int64_t greatest = 0;
    for (Watched table : tables) {
        stamps[std::string(wire_name(table))] = changes_.stamp(table);
        greatest = std::max(greatest, changes_.stamp(table));
    }
    stamps["max_timestamp"] = greatest;
    return stamps.dump();
}

std::int64_t LongPolls::seen_in(const std::string& text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) return 0;
    const Json seen = json.value("max_timestamp", Json(0));
    return seen.is_number_integer() ? seen.get<std::int64_t>() : 0;
}

}  // namespace csim
