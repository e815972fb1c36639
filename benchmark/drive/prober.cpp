#include "benchmark/drive/prober.hpp"

#include <algorithm>
#include <utility>

namespace csim {

Prober::Prober(Timeline& timeline, HttpsClient& client, ProbeLedger& ledger, ProbeOptions options)
    : timeline_(timeline), client_(client), ledger_(ledger), options_(std::move(options)) {}

Prober::~Prober() {
    stop();
    for (const auto lane : lanes_) client_.close_lane(lane);
}

void Prober::start() {
    began_ = timeline_.now();
    next_ = 0;
    timeline_.cancel(timer_);
    if (options_.per_second > 0) timer_ = timeline_.at(intended(0), [this] { send_due(); });
}

void Prober::stop() {
    timeline_.cancel(std::exchange(timer_, {}));
    waiting_.clear();
}

SimTime Prober::intended(std::uint64_t index) const {
    return began_ +
           Duration(static_cast<std::int64_t>(static_cast<double>(index) * 1e9 / options_.per_second));
}

void Prober::send_due() {
    const SimTime now = timeline_.now();
    for (; intended(next_) <= now; ++next_) {
        const SimTime due = intended(next_);
        lateness_.record(now - due);
        send({static_cast<std::size_t>(next_ % options_.targets.size()), due});
    }
    timer_ = timeline_.at(intended(next_), [this] { send_due(); });
}

void Prober::send(Due due) {
    if (idle_.empty()) {
        if (lanes_.size() >= options_.in_flight_max) return waiting_.push_back(due);
        idle_.push_back(client_.open_lane(nullptr));
        lanes_.push_back(idle_.back());
    }
    const auto lane = idle_.back();
    idle_.pop_back();
    ++in_flight_;
    ++sent_;
    HttpRequest request{"GET", options_.targets[due.path], {{"Accept", "application/json"}}, ""};
    if (!cookie_.empty()) request.headers.emplace_back("Cookie", cookie_);
    client_.send(
        lane, std::move(request), options_.timeout,
        [this, due, lane, sent = timeline_.now()](Result<HttpReply> reply) { ended(due, sent, lane, reply); }
    );
}

void Prober::ended(Due due, SimTime sent, HttpsClient::LaneId lane, const Result<HttpReply>& reply) {
    const SimTime now = timeline_.now();
    const bool answered = reply && reply->status < 400;
    const bool late = !reply && now - sent >= options_.timeout - 5ms;
    ledger_.record(
        due.path, due.intended, now,
        answered ? ProbeEnd::answered
        : late   ? ProbeEnd::timeout
                 : ProbeEnd::error
    );
    --in_flight_;
    idle_.push_back(lane);
    if (waiting_.empty()) return;
    const Due next = waiting_.front();
    waiting_.pop_front();
    send(next);
}

LatencyHistogram Prober::take_lateness() {
    return std::exchange(lateness_, LatencyHistogram());
}

}  // namespace csim
