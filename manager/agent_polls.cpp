// Long polls: at most one parked per host, and only one of the live agent process is ever given something.
#include "core/utc.hpp"
#include "manager/agent_service_impl.hpp"

#include <algorithm>
#include <utility>

namespace csim {
namespace {

// Shorter, and agents that outnumber the connections would do nothing but connect.
constexpr Duration parked_at_least = std::chrono::seconds(5);

}  // namespace

void AgentService::Impl::poll(const std::string& fqdn, const AgentGet& request, PollDone done) {
    ++stats.gets;
    AgentHost* host = find(fqdn);
    if (host == nullptr) return done(AgentRefusal{400, "Unknown server '" + fqdn + "'"});
    const auto boot_time = parse_utc(request.server_boot_time);
    if (!boot_time) return done(AgentRefusal{400, "server_boot_time: " + boot_time.error().detail});
    const auto instance = parse_utc(request.client_start_time);
    if (!instance) return done(AgentRefusal{400, "client_start_time: " + instance.error().detail});
    note_poll(*host, *boot_time, *instance);
    if (host->removed) return done(std::vector<Message>());
    park(*host, *instance, std::move(done));
}

void AgentService::Impl::end_poll_of_other_instance(AgentHost& host, SimTime instance) {
    if (host.parked.done && host.parked.instance != instance) answer(host, {});
}

void AgentService::Impl::park(AgentHost& host, SimTime instance, PollDone done) {
    if (host.parked.done) answer(host, {});
    if (host.removed) return done(std::vector<Message>());
    const SimTime now = timeline.now();
    host.parked.done = std::move(done);
    host.parked.instance = instance;
    host.parked.hold_until = now + options.poll_hold;
    host.parked.reset_at = now + std::min(options.reset_grace, options.poll_hold);
    ++stats.parked;
    try_answer(host);
}

void AgentService::Impl::set_poll_timer(AgentHost& host, SimTime due) {
    timeline.cancel(host.parked.timer);
    host.parked.timer = timeline.at(due, &poll_timer_fired, this, reinterpret_cast<std::uint64_t>(&host));
}

void AgentService::Impl::wake(AgentHost& host) {
    if (!host.parked.done || host.parked.woken) return;
    host.parked.woken = true;
    set_poll_timer(host, timeline.now());
}

bool AgentService::Impl::end_oldest_poll() {
    AgentHost* oldest = nullptr;
    for (const auto& [name, host] : hosts)
        if (host->parked.done && (oldest == nullptr || host->parked.hold_until < oldest->parked.hold_until))
            oldest = host.get();
    if (oldest == nullptr) return false;
    const SimTime parked_at = oldest->parked.hold_until - options.poll_hold;
    if (timeline.now() - parked_at <= parked_at_least) return false;
    answer(*oldest, {});
    return true;
}

void AgentService::Impl::poll_timer_fired(void* impl, std::uint64_t host) {
    auto& polled = *reinterpret_cast<AgentHost*>(host);
    polled.parked.timer = {};
    polled.parked.woken = false;
    static_cast<Impl*>(impl)->try_answer(polled);
}

void AgentService::Impl::try_answer(AgentHost& host) {
    const TransmitQueue::Limits limits{options.reply_messages_max, options.reply_bytes_max};
    const std::size_t waited = host.queue.size();
    auto messages = host.queue.take(host.sessions, host.parked.instance, limits, stats.filtered);
    stats.queued -= waited - host.queue.size();
    const SimTime now = timeline.now();
    if (host.reset_required && (!messages.empty() || now >= host.parked.reset_at)) {
        messages.insert(messages.begin(), control_message(host.fqdn, MessageType::session_terminate_all));
    }
    if (!messages.empty() || now >= host.parked.hold_until) return answer(host, std::move(messages));
    set_poll_timer(host, host.reset_required ? host.parked.reset_at : host.parked.hold_until);
}

void AgentService::Impl::answer(AgentHost& host, std::vector<Message> messages) {
    timeline.cancel(std::exchange(host.parked.timer, {}));
    auto done = std::exchange(host.parked.done, nullptr);
    host.parked.woken = false;
    --stats.parked;
    stats.messages_sent += messages.size();
    // Due until a reply that tells it is on its way: an abandoned poll must not lose it.
    const bool tells_reset = !messages.empty() && messages.front().type == MessageType::session_terminate_all;
    if (tells_reset) host.reset_required = false;
    done(std::move(messages));
}

}  // namespace csim
