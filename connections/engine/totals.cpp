#include "connections/engine/totals.hpp"

#include <algorithm>
#include <cstring>

namespace csim::connections {
namespace {

constexpr std::string_view count_names[count_kinds] = {
    "held",
    "connecting",
    "waiting",
    "dead",
    "unborn",
    "dormant",
    "hibernated",
    "descriptors",
    "resident_bytes",
    "attempts",
    "connected",
    "handshakes",
    "resumed",
    "confirmed",
    "over_h2",
    "over_h1",
    "handed_over",
    "stayed_with_ssl",
    "slept",
    "woke",
    "requests",
    "responses",
    "status_2xx",
    "status_3xx",
    "status_4xx",
    "status_5xx",
    "status_other",
    "body_bytes",
    "bytes_in",
    "bytes_out",
    "timeouts",
    "streams_reset",
    "skipped",
    "censored",
    "retried",
    "pings",
    "tickets",
    "key_updates_received",
    "key_updates_sent",
    "window_halved",
    "invalid_seconds",
    "seconds",
    "late_loops",
    "cpu_us",
};
constexpr std::string_view span_names[span_kinds] = {
    "connect", "handshake", "request", "uncorrected", "first_byte", "before_hold", "lateness", "recovery",
};

constexpr std::uint64_t layout = 0x6373696d00000000 | count_kinds << 8 | span_kinds;

void put(const Ends& ends, std::vector<std::uint64_t>& into) {
    into.push_back(ends.size());
    for (const auto& [which, count] : ends)
        into.insert(into.end(), {static_cast<std::uint64_t>(which.first), which.second, count});
}

bool get(Ends& ends, const std::vector<std::uint64_t>& from, std::size_t& at) {
    ends.clear();
    if (at >= from.size() || from[at] > (from.size() - at) / 3) return false;
    const std::uint64_t size = from[at++];
    for (std::uint64_t i = 0; i < size; ++i, at += 3) {
        if (from[at] >= reason_count) return false;
        ends[{static_cast<Reason>(from[at]), static_cast<std::uint32_t>(from[at + 1])}] = from[at + 2];
    }
    return true;
}

void add(Ends& to, const Ends& from) {
    for (const auto& [which, count] : from) to[which] += count;
}

}  // namespace

std::string_view text_of(Count count) {
    return count_names[static_cast<std::size_t>(count)];
}

bool is_gauge(Count count) {
    return count <= Count::resident_bytes;
}

std::string_view text_of(Span span) {
    return span_names[static_cast<std::size_t>(span)];
}

void Totals::note_end(Reason reason, std::uint32_t code, bool held) {
    switch (blame_of(reason, code, held)) {
        case Blame::ours:
            ++by_us[{reason, code}];
            break;
        case Blame::peer_expected:
            ++by_peer[{reason, code}];
            break;
        case Blame::failed_open:
            ++failed_opens[{reason, code}];
            break;
        case Blame::drop:
            ++drops[{reason, code}];
            break;
    }
}

void Totals::merge(const Totals& other) {
    for (std::size_t i = 0; i < count_kinds; ++i) counts[i] += other.counts[i];
    for (std::size_t i = 0; i < span_kinds; ++i) spans[i].merge(other.spans[i]);
    add(drops, other.drops);
    add(failed_opens, other.failed_opens);
    add(by_peer, other.by_peer);
    add(by_us, other.by_us);
}

std::uint64_t Totals::sum(const Ends& ends) {
    std::uint64_t all = 0;
    for (const auto& [which, count] : ends) all += count;
    return all;
}

std::string Totals::packed() const {
    std::vector<std::uint64_t> numbers{layout};
    numbers.insert(numbers.end(), counts.begin(), counts.end());
    for (const SpanHistogram& each : spans) each.put(numbers);
    for (const Ends* each : {&drops, &failed_opens, &by_peer, &by_us}) put(*each, numbers);
    return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(std::uint64_t)};
}

bool Totals::unpack(std::string_view bytes) {
    std::vector<std::uint64_t> numbers(bytes.size() / sizeof(std::uint64_t));
    if (bytes.size() % sizeof(std::uint64_t) != 0 || numbers.size() < 1 + count_kinds) return false;
    std::memcpy(numbers.data(), bytes.data(), bytes.size());
    if (numbers[0] != layout) return false;
    std::copy_n(numbers.begin() + 1, count_kinds, counts.begin());
    std::size_t at = 1 + count_kinds;
    for (SpanHistogram& each : spans)
        if (!each.get(numbers, at)) return false;
    for (Ends* each : {&drops, &failed_opens, &by_peer, &by_us})
        if (!get(*each, numbers, at)) return false;
    return at == numbers.size();
}

}  // namespace csim::connections
