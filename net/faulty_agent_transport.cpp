#include "net/faulty_agent_transport.hpp"

#include <nlohmann/json.hpp>

namespace csim {
namespace {

constexpr const char* refused = "the network of this server is set to refuse";
constexpr const char* timed_out = "the request timed out, the network of this server drops responses";

template <class T>
Outcome<T> failed(const char* what) {
    return Outcome<T>(boost::system::in_place_error, Failure{0, what});
}

}  // namespace

FaultyAgentTransport::FaultyAgentTransport(Inbox& inbox, std::unique_ptr<AgentTransport> real)
    : inbox_(inbox), real_(std::move(real)) {}

FaultyAgentTransport::~FaultyAgentTransport() {
    ++*epoch_;
}

void FaultyAgentTransport::set_fault(NetworkFault fault) {
    fault_ = fault;
    get_spent_ = post_spent_ = false;
}

bool FaultyAgentTransport::lets_through(bool& spent) {
    if (fault_ == NetworkFault::none) return true;
    return fault_ == NetworkFault::drop_responses && !std::exchange(spent, true);
}

template <class T>
void FaultyAgentTransport::fail_later(UniqueFunction<void(Outcome<T>)> done, const char* what) {
    inbox_.post([done = std::move(done), what, now = epoch_, then = *epoch_]() mutable {
        if (*now == then) done(failed<T>(what));
    });
}

template <class T>
UniqueFunction<void(Outcome<T>)> FaultyAgentTransport::losing(UniqueFunction<void(Outcome<T>)> done) {
    return [this, done = std::move(done)](Outcome<T> outcome) mutable {
        done(fault_ == NetworkFault::drop_responses ? failed<T>(timed_out) : std::move(outcome));
    };
}

void FaultyAgentTransport::get(
    const AgentGet& request, UniqueFunction<void(Outcome<std::vector<Message>>)> done
) {
    if (lets_through(get_spent_)) return real_->get(request, losing(std::move(done)));
    fail_later(std::move(done), fault_ == NetworkFault::refuse ? refused : timed_out);
}

void FaultyAgentTransport::post(AgentPost request, UniqueFunction<void(Outcome<Nothing>)> done) {
    if (lets_through(post_spent_)) return real_->post(std::move(request), losing(std::move(done)));
    fail_later(std::move(done), fault_ == NetworkFault::refuse ? refused : timed_out);
}

void FaultyAgentTransport::copytool_events(const Json& envelope, UniqueFunction<void(Outcome<Json>)> done) {
    if (fault_ == NetworkFault::none) return real_->copytool_events(envelope, losing(std::move(done)));
    fail_later(std::move(done), fault_ == NetworkFault::refuse ? refused : timed_out);
}

void FaultyAgentTransport::abandon() {
    ++*epoch_;
    real_->abandon();
}

}  // namespace csim
