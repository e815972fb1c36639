#include "sim/vtime/virtual_way.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace csim {
namespace {

/// What was under way when a connection broke arrives within this, if at all.
constexpr Duration late_max = 5s;
constexpr Duration refusal_delay = 1ms;
constexpr unsigned status_forbidden = 403;

}  // namespace

VirtualNetwork::Way::Way(
    VirtualNetwork& network, std::string fqdn, std::string serial, Link& link, std::uint64_t number
)
    : network_(network),
      fqdn_(std::move(fqdn)),
      serial_(std::move(serial)),
      link_(link),
      number_(number),
      self_(std::make_shared<Way*>(this)) {
    network_.ways_.insert(this);
}

VirtualNetwork::Way::~Way() {
    *self_ = nullptr;
    abandon();
    network_.ways_.erase(this);
}

Duration VirtualNetwork::Way::delay(std::size_t bytes) {
    return travel_time(link_.conditions, link_.chance, bytes);
}

const std::string* VirtualNetwork::Way::host() {
    const CertificateTable& certificates = network_.manager_->certificates();
    const bool known =
        identity_.life == network_.manager_life_ && identity_.certificates == certificates.version();
    if (!known)
        identity_ = {
            network_.manager_life_, certificates.version(), certificates.find_fqdn(serial_), AgentCaller()};
    return identity_.fqdn;
}

template <class L>
bool VirtualNetwork::Way::lost(const L&, bool to_manager) {
    if (!to_manager && link_.fault == NetworkFault::drop_responses) return true;
    return is_lost(link_.conditions, link_.chance, to_manager);
}

/// The request leaves. `arrive` is what happens at the manager.
template <class L>
void VirtualNetwork::Way::begin(L& lane, EventFn arrive) {
    ++network_.stats_.requests;
    lane.stage = Stage::sending;
    ++lane.turn;
    std::size_t bytes = 0;
    if constexpr (std::is_same_v<L, PostLane>) {
        if (link_.conditions.bytes_per_second > 0) bytes = encoded_size(lane.request);
    }
    lane.event = network_.timeline_.at(network_.timeline_.now() + delay(bytes), arrive, this);
}

/// Nobody is told; the agent gives up when its time is over.
template <class L>
void VirtualNetwork::Way::lose(L& lane, EventFn give_up) {
    lane.stage = Stage::lost;
    lane.event = network_.timeline_.at(network_.timeline_.now() + lost_request_timeout, give_up, this);
}

template <class L, class A>
void VirtualNetwork::Way::answer(L& lane, A answer, EventFn deliver) {
    lane.stage = Stage::answering;
    lane.answer.emplace(std::move(answer));
    std::size_t bytes = 0;
    if constexpr (std::is_same_v<L, GetLane>) {
        if (link_.conditions.bytes_per_second > 0 && lane.answer->has_value()) {
            for (const Message& message : **lane.answer) bytes += encoded_size(message);
        }
    }
    lane.event = network_.timeline_.at(network_.timeline_.now() + delay(bytes), deliver, this);
}

template <class L>
void VirtualNetwork::Way::fail(L& lane, const char* why, EventFn deliver) {
    lane.stage = Stage::answering;
    lane.answer.emplace(boost::system::in_place_error, Failure{0, why});
    lane.event = network_.timeline_.at(network_.timeline_.now() + refusal_delay, deliver, this);
}

/// The answer is there, or the time is over.
template <class L>
void VirtualNetwork::Way::deliver(L& lane, EventFn again) {
    lane.event = {};
    if (link_.conditions.frozen) {
        if (!lane.answer) lane.answer.emplace(boost::system::in_place_error, Failure{0, "timed out"});
        lane.stage = Stage::answering;
        (void)again;
        return;  // thaw() comes back to it
    }
    if (!lane.answer) lane.answer.emplace(boost::system::in_place_error, Failure{0, "timed out"});
    if (lane.answer->has_error()) ++network_.stats_.failures;
    auto done = std::exchange(lane.done, nullptr);
    auto answer = *std::exchange(lane.answer, std::nullopt);
    lane.stage = Stage::idle;
    done(std::move(answer));
}

void VirtualNetwork::Way::get(
    const AgentGet& request, UniqueFunction<void(Outcome<std::vector<Message>>)> done
) {
    if (get_.request.client_start_time != request.client_start_time ||
        get_.request.server_boot_time != request.server_boot_time)
        get_.request = request;
    get_.done = std::move(done);
    begin(get_, [](void* way, std::uint64_t) { of(way).get_arrived(); });
}

void VirtualNetwork::Way::post(AgentPost request, UniqueFunction<void(Outcome<Nothing>)> done) {
    post_.request = std::move(request);
    post_.done = std::move(done);
    begin(post_, [](void* way, std::uint64_t) { of(way).post_arrived(); });
}

void VirtualNetwork::Way::copytool_events(const Json& envelope, UniqueFunction<void(Outcome<Json>)> done) {
    tool_.request = envelope.dump();
    tool_.done = std::move(done);
    begin(tool_, [](void* way, std::uint64_t) { of(way).tool_arrived(); });
}

void VirtualNetwork::Way::get_arrived() {
    const EventFn delivered = [](void* way, std::uint64_t) { of(way).deliver(of(way).get_, nullptr); };
    get_.event = {};
    if (link_.fault == NetworkFault::refuse) return fail(get_, "connection refused", delivered);
    if (lost(get_, true)) return lose(get_, delivered);
    if (network_.manager_ == nullptr) return fail(get_, "connection refused", delivered);
    const std::string* fqdn = host();
    if (fqdn == nullptr) {
        using Answer = Outcome<std::vector<Message>>;
        return answer(
            get_, Answer(boost::system::in_place_error, Failure{status_forbidden, "refused"}), delivered
        );
    }
    get_.stage = Stage::waiting;
    network_.manager_->agents().get(
        identity_.caller, *fqdn, get_.request,
        [self = self_, turn = get_.turn, delivered](AgentAnswer<std::vector<Message>> reply) {
            Way* way = *self;
            if (way == nullptr || way->get_.turn != turn || way->get_.stage != Stage::waiting) return;
            if (way->lost(way->get_, false)) return way->lose(way->get_, delivered);
            Outcome<std::vector<Message>> told =
                reply.has_error()
                    ? Outcome<std::vector<Message>>(
                          boost::system::in_place_error, Failure{reply.error().status, reply.error().text}
                      )
                    : Outcome<std::vector<Message>>(std::move(*reply));
            if (way->network_.text_ && told.has_value()) told = *decode_messages(encode_messages(*told));
            way->answer(way->get_, std::move(told), delivered);
        }
    );
}

Outcome<Nothing> VirtualNetwork::Way::offer(const AgentPost& post) {
    const std::string* fqdn = host();
    if (fqdn == nullptr) return Failure{status_forbidden, "refused"};
    if (network_.on_arrival) network_.on_arrival(*fqdn, post, false);
    AgentService& agents = network_.manager_->agents();
    const auto reply = network_.text_ ? agents.post(identity_.caller, *fqdn, *decode_post(encode(post)))
                                      : agents.post(identity_.caller, *fqdn, post);
    if (reply.has_error()) return Failure{reply.error().status, reply.error().text};
    return Nothing{};
}

void VirtualNetwork::Way::post_arrived() {
    const EventFn delivered = [](void* way, std::uint64_t) { of(way).deliver(of(way).post_, nullptr); };
    post_.event = {};
    if (link_.fault == NetworkFault::refuse) return fail(post_, "connection refused", delivered);
    if (lost(post_, true)) {
        if (!link_.conditions.to_manager_cut && link_.chance.chance({1, 2})) arrives_late(post_.request);
        return lose(post_, delivered);
    }
    if (network_.manager_ == nullptr) return fail(post_, "connection refused", delivered);
    post_.stage = Stage::waiting;
    auto told = offer(post_.request);
    post_.request.messages.clear();
    if (lost(post_, false)) return lose(post_, delivered);
    answer(post_, std::move(told), delivered);
}

void VirtualNetwork::Way::tool_arrived() {
    const EventFn delivered = [](void* way, std::uint64_t) { of(way).deliver(of(way).tool_, nullptr); };
    tool_.event = {};
    if (link_.fault == NetworkFault::refuse) return fail(tool_, "connection refused", delivered);
    if (lost(tool_, true)) return lose(tool_, delivered);
    if (network_.manager_ == nullptr) return fail(tool_, "connection refused", delivered);
    tool_.stage = Stage::waiting;
    Peer peer{"10.255.0.1", Peer::Certificate::valid, serial_, fqdn_};
    const HttpRequest request{"POST", "/agent/copytool_event/", {}, tool_.request};
    network_.manager_->agent(request, peer, [self = self_, turn = tool_.turn, delivered](HttpReply reply) {
        Way* way = *self;
        if (way == nullptr || way->tool_.turn != turn || way->tool_.stage != Stage::waiting) return;
        if (way->lost(way->tool_, false)) return way->lose(way->tool_, delivered);
        Json body = Json::parse(reply.body, nullptr, false);
        Json operations = body.is_object() ? body.value("active_operations", Json::object()) : Json::object();
        using Answer = Outcome<Json>;
        Answer told = reply.status < 300
                          ? Answer(boost::system::in_place_value, std::move(operations))
                          : Answer(boost::system::in_place_error, Failure{reply.status, "refused"});
        way->answer(way->tool_, std::move(told), delivered);
    });
}

/// Bytes that were on their way when the connection broke, or that a repeated packet brings: they may arrive
/// behind what the next connection brought.
void VirtualNetwork::Way::arrives_late(AgentPost post) {
    const Duration takes = delay(0) + link_.chance.between(Duration(0), late_max);
    network_.timeline_.after(
        takes,
        [&network = network_, serial = serial_, life = network_.manager_life_, post = std::move(post)] {
            if (network.manager_ == nullptr || network.manager_life_ != life) return;
            const std::string* fqdn = network.manager_->certificates().find_fqdn(serial);
            if (fqdn == nullptr) return;
            if (network.on_arrival) network.on_arrival(*fqdn, post, true);
            (void)network.manager_->agents().post(std::string(*fqdn), post);
        }
    );
}

void VirtualNetwork::Way::abandon() {
    Timeline& timeline = network_.timeline_;
    const bool sending = post_.stage == Stage::sending && !link_.conditions.to_manager_cut;
    if (sending && *self_ != nullptr && link_.chance.chance({1, 2})) arrives_late(post_.request);
    for (EventId* event : {&get_.event, &post_.event, &tool_.event})
        timeline.cancel(std::exchange(*event, {}));
    get_.stage = post_.stage = tool_.stage = Stage::idle;
    get_.done = nullptr;
    post_.done = nullptr;
    tool_.done = nullptr;
    get_.answer.reset();
    post_.answer.reset();
    tool_.answer.reset();
}

void VirtualNetwork::Way::reset() {
    if (get_.stage == Stage::waiting)
        fail(get_, "connection reset", [](void* way, std::uint64_t) {
            of(way).deliver(of(way).get_, nullptr);
        });
    if (tool_.stage == Stage::waiting)
        fail(tool_, "connection reset", [](void* way, std::uint64_t) {
            of(way).deliver(of(way).tool_, nullptr);
        });
}

void VirtualNetwork::Way::thaw() {
    const auto resume = [this](auto& lane, EventFn delivered) {
        const bool held = lane.stage == Stage::answering && lane.event == EventId{};
        if (held) lane.event = network_.timeline_.at(network_.timeline_.now(), delivered, this);
    };
    resume(get_, [](void* way, std::uint64_t) { of(way).deliver(of(way).get_, nullptr); });
    resume(post_, [](void* way, std::uint64_t) { of(way).deliver(of(way).post_, nullptr); });
    resume(tool_, [](void* way, std::uint64_t) { of(way).deliver(of(way).tool_, nullptr); });
}

}  // namespace csim
