// What happened in a run, as typed events in order: tests read them, benchmarks count them, and equal digests
// mean equal runs. Not a log: the log is text for people and may change freely.
#pragma once

#include "core/json.hpp"
#include "core/time.hpp"
#include "core/timeline.hpp"
#include "core/unique_function.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

template <class T>
Json to_json_value(const T& value);

/// One event as listeners see it; valid during the call.
struct TraceRecord {
    SimTime at;
    std::string_view who;   ///< the entity it happened to: an fqdn, a cluster, a PDU
    std::string_view name;  ///< such as `server_booted`
    const Json& fields;
};

class Trace {
  public:
    explicit Trace(const Timeline& timeline) : timeline_(timeline) {}
    Trace(const Trace&) = delete;
    Trace& operator=(const Trace&) = delete;

    /// E is a described struct with `static constexpr std::string_view event_name`.
    /// Emitters include core/json_codec.hpp.
    template <class E>
    void emit(std::string_view who, const E& event) {
        record(who, E::event_name, to_json_value(event));
    }
    void record(std::string_view who, std::string_view name, const Json& fields);

    /// Called for every later event, in order of subscription, for as long as the trace lives.
    void listen(UniqueFunction<void(const TraceRecord&)> listener);

    /// How many events of this name there were.
    std::uint64_t count(std::string_view name) const;
    std::uint64_t total() const { return total_; }
    /// Depends on every event: its time, entity, name and fields, and on their order. 16 hexadecimal digits.
    std::string digest() const;

  private:
    void mix(std::string_view text);

    const Timeline& timeline_;
    std::uint64_t digest_ = 14695981039346656037u;
    std::uint64_t total_ = 0;
    std::map<std::string, std::uint64_t, std::less<>> counts_;
    std::vector<UniqueFunction<void(const TraceRecord&)>> listeners_;
};

}  // namespace csim
