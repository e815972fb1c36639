// Everything that is counted while connections are made and held. Those of many workers merge by addition.
#pragma once

#include "connections/engine/span_histogram.hpp"
#include "connections/reasons.hpp"

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace csim::connections {

/// Ever-growing counts, and gauges that say how it is now.
enum class Count : std::uint8_t {
    // gauges: where the connections are
    held,
    connecting,  ///< and shaking hands
    waiting,
    dead,
    unborn,
    dormant,     ///< of the held ones: asleep
    hibernated,  ///< of the held ones: without an SSL object
    descriptors,
    resident_bytes,
    // growing
    attempts,
    connected,
    handshakes,
    resumed,
    confirmed,
    over_h2,
    over_h1,
    handed_over,
    stayed_with_ssl,
    slept,
    woke,
    requests,
    responses,
    status_2xx,
    status_3xx,
    status_4xx,
    status_5xx,
    status_other,
    body_bytes,
    bytes_in,
    bytes_out,
    timeouts,
    streams_reset,
    skipped,
    censored,
    retried,
    pings,
    tickets,
    key_updates_received,
    key_updates_sent,
    window_halved,
    invalid_seconds,
    seconds,
    late_loops,
    cpu_us,
    count_
};
constexpr std::size_t count_kinds = static_cast<std::size_t>(Count::count_);
std::string_view text_of(Count count);
bool is_gauge(Count count);

enum class Span : std::uint8_t {
    connect,      ///< TCP
    handshake,    ///< TLS
    request,      ///< from the due time to the end of the answer
    uncorrected,  ///< from the sending
    first_byte,   ///< from the due time
    before_hold,  ///< as `request`, of what was due before the hold began
    lateness,     ///< of this program: from the due time to the sending, where the connection was free
    recovery,     ///< from a loss to being held again
    count_
};
constexpr std::size_t span_kinds = static_cast<std::size_t>(Span::count_);
std::string_view text_of(Span span);

/// Ends by reason and code.
using Ends = std::map<std::pair<Reason, std::uint32_t>, std::uint64_t>;

struct Totals {
    std::array<std::uint64_t, count_kinds> counts{};
    std::array<SpanHistogram, span_kinds> spans;
    Ends drops, failed_opens, by_peer, by_us;

    std::uint64_t& operator[](Count count) { return counts[static_cast<std::size_t>(count)]; }
    std::uint64_t operator[](Count count) const { return counts[static_cast<std::size_t>(count)]; }
    SpanHistogram& operator[](Span span) { return spans[static_cast<std::size_t>(span)]; }
    const SpanHistogram& operator[](Span span) const { return spans[static_cast<std::size_t>(span)]; }

    void note_end(Reason reason, std::uint32_t code, bool held);
    void merge(const Totals& other);
    static std::uint64_t sum(const Ends& ends);

    /// Bytes for another process of the same version, and back. False if they are none.
    std::string packed() const;
    bool unpack(std::string_view bytes);
};

}  // namespace csim::connections
