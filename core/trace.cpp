#include "core/trace.hpp"

#include "core/timeline.hpp"
#include "core/utc.hpp"

#include <cstring>

namespace csim {

std::string TraceEvent::text() const {
    std::string line = utc_text(at);
    line += ' ';
    line += subject.empty() ? "-" : subject;
    line += ' ';
    line += kind.name;
    return line + fields_text(kind, fields);
}

Trace::Trace(const Timeline& timeline, std::size_t recent_max)
    : timeline_(timeline), recent_max_(recent_max) {}

void Trace::add(std::string_view subject, const EventKind& kind) {
    const SimTime at = timeline_.now();
    digest_word(static_cast<std::uint64_t>(at.unix_ns()));
    digest_bytes(subject);
    digest_bytes(kind.name);
    digest_bytes(fields_);
    if (counts_.size() <= kind.index) counts_.resize(kind.index + 1);
    ++counts_[kind.index];
    if (recent_max_ > 0) {
        if (recent_.size() < recent_max_) recent_.resize(recent_.size() + 1);
        Kept& kept = recent_[count_ % recent_max_];
        kept.at = at;
        kept.subject.assign(subject);
        kept.kind = &kind;
        kept.fields.assign(fields_);
    }
    ++count_;
    for (auto& sink : sinks_) sink(TraceEvent{at, subject, kind, fields_});
}

/// One round of a multiply-and-fold: every bit of the word reaches every bit of the digest.
void Trace::digest_word(std::uint64_t word) {
    std::uint64_t mixed = (digest_ ^ word) * 0x9e3779b97f4a7c15;
    mixed ^= mixed >> 32;
    mixed *= 0xd6e8feb86659fd93;
    digest_ = mixed ^ (mixed >> 29) ^ (digest_ << 1 | digest_ >> 63);
}

/// The size goes first, so that where one text ends and the next begins matters.
void Trace::digest_bytes(std::string_view bytes) {
    digest_word(bytes.size());
    while (!bytes.empty()) {
        std::uint64_t word = 0;
        const std::size_t taken = bytes.size() < sizeof word ? bytes.size() : sizeof word;
        std::memcpy(&word, bytes.data(), taken);
        digest_word(word);
        bytes.remove_prefix(taken);
    }
}

std::uint64_t Trace::count(std::string_view event_name) const {
    const EventKind* kind = find_event_kind(event_name);
    return kind && kind->index < counts_.size() ? counts_[kind->index] : 0;
}

std::vector<std::string> Trace::recent() const {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < recent_.size(); ++i) {
        const std::size_t oldest = recent_.size() < recent_max_ ? 0 : count_ % recent_max_;
        const Kept& kept = recent_[(oldest + i) % recent_.size()];
        lines.push_back(TraceEvent{kept.at, kept.subject, *kept.kind, kept.fields}.text());
    }
    return lines;
}

void Trace::add_sink(UniqueFunction<void(const TraceEvent&)> sink) {
    sinks_.push_back(std::move(sink));
}

}  // namespace csim
