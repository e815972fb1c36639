#include "net/faulty_agent_transport.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace csim {
namespace {

constexpr const char* refused = "the network of this server is set to refuse";
constexpr const char* dropped = "the request timed out, the network of this server drops responses";
constexpr const char* lost = "the request timed out, it or its answer got lost in the network of this server";

template <class T>
Outcome<T> failed(const char* what) {
    return Outcome<T>(boost::system::in_place_error, Failure{0, what});
}

/// What takes long on a narrow link: posts and what polls are answered with.
template <class T>
std::size_t size_of(const T&) {
    return 0;
}
std::size_t size_of(const AgentPost& post) {
    return encoded_size(post);
}
std::size_t size_of(const std::vector<Message>& messages) {
    std::size_t bytes = 0;
    for (const Message& message : messages) bytes += encoded_size(message);
    return bytes;
}

}  // namespace

FaultyAgentTransport::FaultyAgentTransport(
    Timeline& timeline, Rng chance, std::unique_ptr<AgentTransport> real
)
    : timeline_(timeline), chance_(chance), real_(std::move(real)) {}

FaultyAgentTransport::~FaultyAgentTransport() {
    clear(get_);
    clear(post_);
    clear(tool_);
}

template <class T>
void FaultyAgentTransport::clear(Lane<T>& lane) {
    ++lane.turn;
    timeline_.cancel(std::exchange(lane.event, {}));
    lane.done = nullptr;
}

void FaultyAgentTransport::abandon() {
    clear(get_);
    clear(post_);
    clear(tool_);
    real_->abandon();
}

void FaultyAgentTransport::set_fault(NetworkFault fault) {
    fault_ = fault;
    get_.spent = bool(get_.done);
    post_.spent = bool(post_.done);
    if (fault != NetworkFault::refuse) return;
    real_->abandon();
    const auto cut = [this](auto& lane) {
        if (lane.done) fail_after(lane, Duration(0), refused);
    };
    cut(get_);
    cut(post_);
    cut(tool_);
}

template <class T>
void FaultyAgentTransport::finish_after(Lane<T>& lane, Duration delay, Outcome<T> outcome) {
    ++lane.turn;
    timeline_.cancel(lane.event);
    lane.event = timeline_.after(delay, [&lane, outcome = std::move(outcome)]() mutable {
        lane.event = {};
        std::exchange(lane.done, nullptr)(std::move(outcome));
    });
}

template <class T>
void FaultyAgentTransport::fail_after(Lane<T>& lane, Duration delay, const char* what) {
    finish_after(lane, delay, failed<T>(what));
}

/// Nobody is told; the agent gives up when its time is over.
template <class T>
void FaultyAgentTransport::lose(Lane<T>& lane) {
    const Duration left = lane.begun + lost_request_timeout - timeline_.now();
    fail_after(lane, std::max(Duration(0), left), lost);
}

template <class Request, class T>
void FaultyAgentTransport::begin(
    Lane<T>& lane, std::type_identity_t<Request> request, Done<T> done, Send<Request, T> send
) {
    lane.done = std::move(done);
    lane.begun = timeline_.now();
    if (fault_ == NetworkFault::refuse) return fail_after(lane, Duration(0), refused);
    if (fault_ == NetworkFault::drop_responses && std::exchange(lane.spent, true))
        return fail_after(lane, Duration(0), dropped);
    if (is_lost(link_, chance_, true)) return lose(lane);
    auto arrives = [this, &lane, turn = ++lane.turn](Outcome<T> outcome) {
        if (lane.turn == turn) arrived(lane, std::move(outcome));
    };
    const Duration travel = travel_time(link_, chance_, link_.bytes_per_second > 0 ? size_of(request) : 0);
    if (travel == Duration(0))
        return (real_.get()->*send)(static_cast<Request&&>(request), std::move(arrives));
    using Kept = std::remove_cvref_t<Request>;
    auto leave = [this, &lane, kept = Kept(static_cast<Request&&>(request)), send,
                  arrives = std::move(arrives)]() mutable {
        lane.event = {};
        (real_.get()->*send)(static_cast<Request&&>(kept), arrives);
    };
    lane.event = timeline_.after(travel, std::move(leave));
}

template <class T>
void FaultyAgentTransport::arrived(Lane<T>& lane, Outcome<T> outcome) {
    if (fault_ == NetworkFault::drop_responses) outcome = failed<T>(dropped);
    if (is_lost(link_, chance_, false)) return lose(lane);
    const std::size_t bytes = link_.bytes_per_second > 0 && outcome ? size_of(*outcome) : 0;
    const Duration travel = travel_time(link_, chance_, bytes);
    if (travel > Duration(0)) return finish_after(lane, travel, std::move(outcome));
    ++lane.turn;
    std::exchange(lane.done, nullptr)(std::move(outcome));
}

void FaultyAgentTransport::get(const AgentGet& request, Done<std::vector<Message>> done) {
    begin(get_, request, std::move(done), &AgentTransport::get);
}

void FaultyAgentTransport::post(AgentPost request, Done<Nothing> done) {
    begin(post_, std::move(request), std::move(done), &AgentTransport::post);
}

void FaultyAgentTransport::copytool_events(const Json& envelope, Done<Json> done) {
    // drop_responses lets through polls and posts alone.
    tool_.spent = true;
    begin(tool_, envelope, std::move(done), &AgentTransport::copytool_events);
}

}  // namespace csim
