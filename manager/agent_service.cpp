#include "manager/agent_service.hpp"

#include "manager/agent_service_impl.hpp"
#include "state/document_of.hpp"

#include <cassert>

namespace csim {

EntryName host_entry(const std::string& fqdn) {
    return {agents_document, std::string(hosts_section) + "/" + fqdn};
}

AgentHost::AgentHost(Documents& documents, std::string name, HostMemory from)
    : fqdn(std::move(name)), memory(documents, host_entry(fqdn), from) {}

AgentHost::AgentHost(Loaded, Documents& documents, std::string name, HostMemory from)
    : fqdn(std::move(name)), memory(Document<HostMemory>::Loaded{}, documents, host_entry(fqdn), from) {}

AgentService::Impl::Impl(Timeline& on, Documents& in, Rng chance, AgentServiceOptions with)
    : timeline(on), documents(in), rng(chance), options(with) {
    for (auto& [fqdn, json] : documents.store().load_section(agents_document, hosts_section)) {
        auto memory = from_json_value<HostMemory>(json, Strictness::saved);
        if (!memory)
            throw Fatal("The state of host " + fqdn + " in agents.json is damaged: " + memory.error().detail);
        insert(std::make_unique<AgentHost>(AgentHost::Loaded{}, documents, fqdn, *memory));
    }
    schedule_check(options.contact_check_delay);
}

AgentService::Impl::~Impl() {
    timeline.cancel(check_timer);
    timeline.cancel(burial_timer);
    for (auto& [fqdn, host] : hosts) timeline.cancel(host->parked.timer);
}

AgentHost* AgentService::Impl::find(std::string_view fqdn) const {
    const auto found = hosts.find(fqdn);
    return found == hosts.end() ? nullptr : found->second.get();
}

AgentHost& AgentService::Impl::insert(std::unique_ptr<AgentHost> host) {
    AgentHost& inserted = *host;
    inserted.last_contact = timeline.now();
    inserted.place = silent.insert(silent.end(), &inserted);
    hosts.emplace(inserted.fqdn, std::move(host));
    return inserted;
}

void AgentService::Impl::remove(AgentHost& host) {
    host.removed = true;
    const auto place = hosts.find(host.fqdn);
    assert(place != hosts.end());
    graveyard.push_back(std::move(place->second));
    hosts.erase(place);
    (host.contact == AgentHost::Contact::healthy ? healthy : silent).erase(host.place);
    host.memory.erase();
    stats.queued -= host.queue.size();
    host.queue.clear();
    if (host.parked.done) answer(host, {});
    close_all_sessions(host, false);
    timeline.cancel(burial_timer);
    burial_timer = timeline.after(Duration{}, [this] { graveyard.clear(); });
}

AgentService::AgentService(Timeline& timeline, Documents& documents, Rng rng, AgentServiceOptions options)
    : impl_(std::make_unique<Impl>(timeline, documents, rng, options)) {}

AgentService::~AgentService() = default;

void AgentService::subscribe(std::string_view plugin, Consumer& consumer) {
    impl_->consumers[std::string(plugin)] = &consumer;
    consumer.all_sessions_terminated();
}

void AgentService::observe(ContactObserver& observer) {
    impl_->observers.push_back(&observer);
}

void AgentService::get(const std::string& fqdn, const AgentGet& request, PollDone done) {
    impl_->poll(fqdn, request, std::move(done));
}

AgentAnswer<Nothing> AgentService::post(const std::string& fqdn, const AgentPost& request) {
    return impl_->post(fqdn, request);
}

void AgentService::add_host(const std::string& fqdn) {
    if (knows(fqdn)) return;
    impl_->insert(std::make_unique<AgentHost>(impl_->documents, fqdn, HostMemory{}));
}

void AgentService::remove_host(const std::string& fqdn) {
    if (AgentHost* host = impl_->find(fqdn)) impl_->remove(*host);
}

void AgentService::rename_host(const std::string& from, const std::string& to) {
    assert(!knows(to));
    AgentHost* host = impl_->find(from);
    if (host == nullptr) return;
    const HostMemory memory = *host->memory;
    impl_->remove(*host);
    impl_->insert(std::make_unique<AgentHost>(impl_->documents, to, memory));
}

bool AgentService::end_oldest_poll() {
    return impl_->end_oldest_poll();
}

bool AgentService::knows(std::string_view fqdn) const {
    return impl_->find(fqdn) != nullptr;
}

std::vector<std::string> AgentService::hosts() const {
    std::vector<std::string> names;
    names.reserve(impl_->hosts.size());
    for (const auto& [fqdn, host] : impl_->hosts) names.push_back(host->fqdn);
    return names;
}

std::optional<SimTime> AgentService::boot_time(std::string_view fqdn) const {
    const AgentHost* host = impl_->find(fqdn);
    return host == nullptr ? std::nullopt : host->memory->boot_time;
}

bool AgentService::in_contact(std::string_view fqdn) const {
    const AgentHost* host = impl_->find(fqdn);
    return host != nullptr && host->contact == AgentHost::Contact::healthy;
}

std::optional<std::string> AgentService::session(std::string_view fqdn, std::string_view plugin) const {
    const AgentHost* host = impl_->find(fqdn);
    const AgentSession* found = host == nullptr ? nullptr : find_session(host->sessions, plugin);
    return found == nullptr ? std::nullopt : std::optional(found->id);
}

bool AgentService::send(const std::string& fqdn, std::string_view plugin, Body body) {
    AgentHost* host = impl_->find(fqdn);
    const AgentSession* found = host == nullptr ? nullptr : find_session(host->sessions, plugin);
    if (found == nullptr) return false;
    const std::string id = found->id;
    impl_->enqueue(*host, {fqdn, MessageType::data, std::string(plugin), id, std::nullopt, std::move(body)});
    return session(fqdn, plugin) == id;
}

void AgentService::reset_session(
    const std::string& fqdn, std::string_view plugin, std::string_view session_id
) {
    AgentHost* host = impl_->find(fqdn);
    const AgentSession* found = host == nullptr ? nullptr : find_session(host->sessions, plugin);
    if (found != nullptr && found->id == session_id) impl_->close_session(*host, found->plugin, true, false);
}

void AgentService::reset_plugin_sessions(std::string_view plugin) {
    for (auto& [fqdn, host] : impl_->hosts) {
        const AgentSession* found = find_session(host->sessions, plugin);
        if (found != nullptr) impl_->close_session(*host, found->plugin, true, false);
    }
}

AgentServiceStats AgentService::stats() const {
    AgentServiceStats stats = impl_->stats;
    stats.hosts = impl_->hosts.size();
    return stats;
}

std::size_t AgentService::queued(std::string_view fqdn) const {
    const AgentHost* host = impl_->find(fqdn);
    return host == nullptr ? 0 : host->queue.size();
}

void AgentService::on_rejected(UniqueFunction<void(const Message&, const Error&)> hook) {
    impl_->rejected = std::move(hook);
}

}  // namespace csim
