// What happened, as typed events in order: tests read it, benchmarks count it, equal digests mean equal runs.
// An event is a described struct with `static constexpr std::string_view event_name`. Text is made only for
// whoever looks at it.
#pragma once

#include "core/time.hpp"
#include "core/trace_fields.hpp"
#include "core/unique_function.hpp"

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

class Timeline;

/// One event as sinks see it. Valid during the call.
struct TraceEvent {
    SimTime at;
    std::string_view subject;  ///< whom it happened to: a host name, a cluster, an outlet
    const EventKind& kind;
    std::string_view fields;  ///< encoded values, see fields_text()

    std::string_view name() const { return kind.name; }
    /// `2026-11-21T01:28:12.753437+00:00 test000 resource_moved ha_label=MGS from=a to=b`.
    std::string text() const;
};

/// Thread: the world's.
class Trace {
  public:
    /// Keeps the last `recent_max` events for recent().
    explicit Trace(const Timeline& timeline, std::size_t recent_max = 200);

    template <class E>
    void emit(std::string_view subject, const E& event) {
        static const EventKind& kind = register_event_kind(E::event_name, member_names<E>());
        fields_.clear();
        encode_members(fields_, event);
        add(subject, kind);
    }

    /// Over time, subject, name and field values of every event so far, in order. The same with every
    /// compiler.
    std::uint64_t digest() const { return digest_; }
    std::uint64_t count() const { return count_; }
    std::uint64_t count(std::string_view event_name) const;
    /// The last events as text, oldest first.
    std::vector<std::string> recent() const;

    /// `sink` sees every event from now on. It must not emit.
    void add_sink(UniqueFunction<void(const TraceEvent&)> sink);

  private:
    struct Kept {
        SimTime at;
        std::string subject;
        const EventKind* kind = nullptr;
        std::string fields;
    };
    void add(std::string_view subject, const EventKind& kind);
    void digest_bytes(std::string_view bytes);
    void digest_word(std::uint64_t word);

    const Timeline& timeline_;
    std::size_t recent_max_;
    std::vector<Kept> recent_;  // a ring once it is full; slots keep their memory
    std::uint64_t count_ = 0;
    std::uint64_t digest_ = 0;
    std::vector<std::uint64_t> counts_;  // by EventKind::index
    std::vector<UniqueFunction<void(const TraceEvent&)>> sinks_;
    std::string fields_;
};

}  // namespace csim
