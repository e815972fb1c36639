#include "vcluster/tada/collector.hpp"

#include <algorithm>

namespace csim {
namespace {

constexpr std::size_t runs_max = 10'000;
constexpr std::size_t assertions_max = 100'000;

/// The first form of messages has no id: who sends, and what, stands for it.
std::string key_of(const TadaMessage& message, const std::string& address, std::uint16_t port) {
    if (!message.id.empty()) return message.id;
    return message.run.suite + ":" + message.run.name + ":" + address + ":" + std::to_string(port);
}

template <class Map, class Time>
void drop_oldest(Map& map, Time time) {
    if (map.size() <= runs_max) return;
    map.erase(std::min_element(map.begin(), map.end(), [&](const auto& a, const auto& b) {
        return time(a.second) < time(b.second);
    }));
}

}  // namespace

void TadaCollector::start(const std::string& key, const TadaMessage& message) {
    Open& open = open_[key];
    open.run = message.run;
    over_.erase(key);
}

TadaCollector::Open& TadaCollector::find(const std::string& key, const TadaMessage& message) {
    const auto found = open_.find(key);
    if (found != open_.end()) return found->second;
    listener_.complain("WARNING", "unknown test " + key + ": its start was lost; kept as far as it is known");
    start(key, message);
    TadaRun& run = open_[key].run;
    for (std::string* each : {&run.suite, &run.type, &run.name, &run.user, &run.commit})
        if (each->empty()) *each = "NONE";
    return open_[key];
}

void TadaCollector::receive(
    const std::string& bytes, const std::string& address, std::uint16_t port, std::int64_t now
) {
    const auto parsed = parse_tada_message(bytes);
    if (!parsed)
        return listener_.complain("DEBUG", "ignored a datagram of " + address + ": " + parsed.error().detail);
    const std::string key = key_of(*parsed, address, port);
    if (parsed->kind != "test-start" && over_.contains(key))
        return listener_.complain(
            "WARNING", "the test " + key + " is over; '" + parsed->kind + "' was ignored"
        );
    const bool fresh = parsed->kind == "test-start" || !open_.contains(key);
    if (parsed->kind == "test-start") start(key, *parsed);
    Open& open = find(key, *parsed);
    open.heard = now;
    open.run.id = key;
    open.run.address = address;
    open.run.port = port;
    if (fresh && open.run.started == 0) open.run.started = now;
    if (fresh) listener_.begun(open.run);
    if (parsed->kind == "assert-status" && open.run.assertions.size() < assertions_max) {
        open.run.assertions.push_back(parsed->assertion);
        listener_.evaluated(open.run, parsed->assertion);
    }
    if (parsed->kind != "test-finish") return drop_oldest(open_, [](const Open& each) { return each.heard; });
    open.run.finished = parsed->run.finished != 0 ? parsed->run.finished : now;
    const TadaRun run = std::move(open.run);
    open_.erase(key);
    over_[key] = now;
    drop_oldest(over_, [](std::int64_t each) { return each; });
    listener_.finished(run);
}

void TadaCollector::give_up(std::int64_t before) {
    for (auto each = open_.begin(); each != open_.end();) {
        if (each->second.heard >= before) {
            ++each;
            continue;
        }
        listener_.complain(
            "WARNING", "the test " + each->first + " has been silent for too long; taken as unfinished"
        );
        const TadaRun run = std::move(each->second.run);
        each = open_.erase(each);
        listener_.finished(run);
    }
}

}  // namespace csim
