#include "agent_proto/copytool_relay.hpp"

#include "wire/json_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace csim {
namespace {

constexpr Duration pause_normal = 1s;
constexpr Duration pause_first = 10s;
constexpr Duration pause_longest = 60s;
/// `,"active_operation":` and a number, added after the event was measured.
constexpr std::size_t mark_bytes_max = 48;

Json envelope(const CopytoolRelay::Setup& setup, Json events) {
    return Json{{"fqdn", setup.fqdn}, {"copytool", setup.copytool}, {"events", std::move(events)}};
}

std::size_t text_size(const Json& json) {
    TextCounter counter;
    write_json_text(counter, json);
    return counter.size;
}

bool is_refusal(const Failure& failure) {
    return failure.status >= 400 && failure.status < 500;
}

}  // namespace

CopytoolRelay::CopytoolRelay(Setup setup, Timeline& timeline, AgentTransport& transport)
    : setup_(std::move(setup)),
      timeline_(timeline),
      transport_(transport),
      envelope_bytes_(text_size(envelope(setup_, Json::array()))),
      pause_(pause_normal),
      self_(std::make_shared<CopytoolRelay*>(this)) {}

CopytoolRelay::~CopytoolRelay() {
    *self_ = nullptr;
    timeline_.cancel(timer_);
}

void CopytoolRelay::line(std::string_view text) {
    if (stopping_) return;
    auto event = read_copytool_event(text);
    const std::size_t bytes = event.has_value() ? text_size(event.value()) + mark_bytes_max : 0;
    if (event.has_error() || envelope_bytes_ + bytes > copytool_post_bytes_max) {
        ++counters_.dropped;
        return;
    }
    events_.push_back({std::make_shared<Json>(std::move(event.value())), bytes, false, false});
    if (timer_ == EventId{} && in_flight_ == 0) wake_after(pause_normal);
}

void CopytoolRelay::stop() {
    if (stopping_) return;
    stopping_ = true;
    timeline_.cancel(timer_);
    if (in_flight_ == 0) relay();
}

void CopytoolRelay::wake_after(Duration pause) {
    const auto fire = [](void* relay, std::uint64_t) { static_cast<CopytoolRelay*>(relay)->relay(); };
    timer_ = timeline_.at(timeline_.now() + pause, fire, this);
}

void CopytoolRelay::relay() {
    timer_ = {};
    if (last_round_ || events_.empty()) return;
    last_round_ = stopping_;
    Json events = Json::array();
    in_flight_ = fill(events);
    ++counters_.posts;
    transport_.copytool_events(envelope(setup_, std::move(events)), [self = self_](Outcome<Json> outcome) {
        if (*self != nullptr) (*self)->done(outcome);
    });
}

/// Copies the first events that fit, and says how many. A refused one goes alone.
std::size_t CopytoolRelay::fill(Json& events) {
    std::size_t bytes = envelope_bytes_;
    std::size_t count = 0;
    for (Event& event : events_) {
        bytes += event.bytes + 1;
        if (count > 0 && (bytes > copytool_post_bytes_max || event.refused)) break;
        if (!event.marked) operations_.mark(*event.json);
        event.marked = true;
        events.push_back(*event.json);
        ++count;
        if (event.refused) break;
    }
    return count;
}

void CopytoolRelay::done(const Outcome<Json>& outcome) {
    if (outcome.has_value()) {
        delivered(*outcome);
    } else {
        failed(outcome.error());
    }
    in_flight_ = 0;
    if (stopping_) return relay();
    if (!events_.empty()) wake_after(pause_);
}

void CopytoolRelay::delivered(const Json& active_operations) {
    counters_.relayed += in_flight_;
    forget_sent();
    operations_.merge(active_operations);
    pause_ = pause_normal;
}

void CopytoolRelay::failed(const Failure& failure) {
    ++counters_.failures;
    pause_ = pause_ == pause_normal ? pause_first : std::min(pause_ * 2, pause_longest);
    if (!is_refusal(failure)) return;
    if (events_.front().refused) {
        counters_.dropped += in_flight_;
        forget_sent();
        pause_ = pause_normal;
        return;
    }
    for (std::size_t at = 0; at < in_flight_; ++at) events_[at].refused = true;
}

void CopytoolRelay::forget_sent() {
    events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(in_flight_));
}

}  // namespace csim
