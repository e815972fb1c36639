// How a metric daemon connects, looks up and copies. Its commands are in ldmsd_commands.cpp.
#include "vcluster/model/ldmsd.hpp"

#include "core/utc.hpp"
#include "vcluster/model/services.hpp"

#include <charconv>

namespace csim::model {

using State = Producer::State;

std::string_view text_of(State state) {
    static constexpr std::string_view texts[] = {"STOPPED", "DISCONNECTED", "CONNECTING", "CONNECTED"};
    return texts[static_cast<std::size_t>(state)];
}

std::optional<Duration> parse_interval(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string unit(end, text.data() + text.size());
    static const std::map<std::string, std::int64_t> scales{
        {"", 1'000},
        {"us", 1'000},
        {"ms", 1'000'000},
        {"s", 1'000'000'000},
        {"m", 60'000'000'000},
        {"h", 3'600'000'000'000},
        {"d", 86'400'000'000'000}};
    const auto scale = scales.find(unit);
    if (wrong != std::errc{} || scale == scales.end() ||
        std::abs(number) > 4'000'000'000'000'000'000 / scale->second)
        return std::nullopt;
    return Duration(number * scale->second);
}

Ldmsd* ldmsd_at(Node& node, int port) {
    const auto found = node.ports.find(port);
    Process* process = found == node.ports.end() ? nullptr : node.find(found->second.pid);
    return process == nullptr ? nullptr : dynamic_cast<Ldmsd*>(process->daemon.get());
}

Ldmsd::Ldmsd(World& world, Node& node, Options options)
    : world_(world), node_(node), options_(std::move(options)) {}

Ldmsd::~Ldmsd() {
    *alive_ = false;
    if (self == nullptr) return;
    for (Ldmsd* each : world_.daemons<Ldmsd>()) {
        if (each == this) continue;
        each->later(world_.options().latency, [each, name = node_.name, pid = self->pid] {
            each->peer_gone(name, pid);
        });
    }
}

void Ldmsd::ending() {
    node_.remove(options_.pid_file);
    log("INFO", "LDMSD_ LDMS Daemon exiting...status 0");
}

void Ldmsd::log(const std::string& level, const std::string& text) {
    if (options_.log.empty()) return;
    node_.append(
        options_.log,
        utc_text_bare(world_.timeline().now()).substr(0, 19) + ": " + level + " : " + text + "\n"
    );
}

std::string Ldmsd::refusal(int port, const std::string& xprt, const std::string& auth, Node& from) const {
    const auto found = auths_.find(xprt + ":" + std::to_string(port));
    if (found == auths_.end()) return "transport";
    if (found->second != auth) return "auth";
    if (auth == "munge") {
        const Munged* ours = munged_of(node_);
        const Munged* theirs = munged_of(from);
        if (ours == nullptr || theirs == nullptr || ours->key() != theirs->key()) return "auth";
    }
    if (auth == "ovis" && node_.text_of("/root/.ldmsauth.conf") != from.text_of("/root/.ldmsauth.conf"))
        return "auth";
    return "";
}

SimTime Ldmsd::next_tick(Duration interval, Duration offset) const {
    const std::int64_t now = world_.timeline().now().unix_ns(), step = interval.count();
    std::int64_t at = (now - offset.count()) / step * step + offset.count();
    while (at <= now) at += step;
    return SimTime::from_unix_ns(at);
}

void Ldmsd::sample_later(Sampler& sampler) {
    const Duration wait = next_tick(sampler.interval, sampler.offset) - world_.timeline().now();
    sampler.due = later(wait, [this, plugin = sampler.plugin] {
        const auto found = samplers_.find(plugin);
        if (found != samplers_.end() && found->second.running) tick(found->second);
    });
}

void Ldmsd::tick(Sampler& sampler) {
    const auto set = directory_.find(sampler.instance);
    if (set != directory_.end()) {
        // Copies elsewhere keep what they have: they share nothing that changes.
        auto next = std::make_shared<MetricSet>(*set->second);
        sample(*next, world_.timeline().now(), world_.rng());
        set->second = next;
    }
    sample_later(sampler);
}

void Ldmsd::job_event(int job, const std::string& event, int nodes, int tasks) {
    for (auto& [instance, set] : directory_) {
        if (!set->local || set->schema != "mt-slurm") continue;
        auto next = std::make_shared<MetricSet>(*set);
        note_job(*next, job, event, nodes, tasks);
        next->updated = world_.timeline().now();
        next->consistent = true;
        set = next;
    }
}

Duration Ldmsd::trip(const Producer& producer) const {
    const Node* other = world_.node(producer.peer_node);
    return 2 * (other == nullptr ? world_.options().latency : world_.latency(node_, *other));
}

Ldmsd* Ldmsd::peer_of(const Producer& producer) {
    Node* other = world_.node(producer.peer_node);
    Process* process = other == nullptr ? nullptr : other->find(producer.peer_pid);
    return process == nullptr ? nullptr : dynamic_cast<Ldmsd*>(process->daemon.get());
}

void Ldmsd::connect(const std::string& name) {
    const auto found = producers_.find(name);
    if (found == producers_.end() || found->second.state == State::stopped) return;
    Producer& producer = found->second;
    producer.state = State::connecting;
    const std::string address = node_.resolve(producer.host);
    Node* other = address.starts_with("127.") ? &node_ : world_.at_address(address);
    producer.peer_node = other == nullptr ? "" : other->name;
    producer.due = later(trip(producer), [this, name] {
        const auto there = producers_.find(name);
        if (there == producers_.end() || there->second.state != State::connecting) return;
        Producer& trying = there->second;
        Node* node = world_.node(trying.peer_node);
        Ldmsd* peer =
            node == nullptr || !world_.linked(node_, *node) ? nullptr : ldmsd_at(*node, trying.port);
        const std::string auth = trying.auth.empty() ? options_.auth : trying.auth;
        if (peer != nullptr && peer->refusal(trying.port, trying.xprt, auth, node_).empty())
            return connected(trying, *peer);
        log("ERROR", "Producer " + name + ": connection failed, retrying");
        disconnect(trying, true);
    });
}

void Ldmsd::connected(Producer& producer, Ldmsd& peer) {
    producer.peer_pid = peer.self->pid;
    producer.state = State::connected;
    log("INFO", "Producer " + producer.name + " is connected");
    refresh(producer, peer);
}

void Ldmsd::disconnect(Producer& producer, bool retry) {
    for (const auto& [instance, entry] : producer.sets)
        if (entry.state == "READY" || entry.state == "UPDATING") drop(instance);
    producer.sets.clear();
    producer.peer_pid = 0;
    producer.state = retry ? State::disconnected : State::stopped;
    world_.timeline().cancel(producer.due);
    if (retry) producer.due = later(producer.interval, [this, name = producer.name] { connect(name); });
}

void Ldmsd::refresh(Producer& producer, Ldmsd& peer) {
    for (const auto& [instance, set] : peer.directory())
        if (!producer.sets.contains(instance)) producer.sets[instance].schema = set->schema;
    for (auto each = producer.sets.begin(); each != producer.sets.end();) {
        if (peer.directory().contains(each->first)) {
            ++each;
            continue;
        }
        if (each->second.state == "READY" || each->second.state == "UPDATING") drop(each->first);
        each = producer.sets.erase(each);
    }
}

void Ldmsd::drop(const std::string& instance) {
    const auto found = directory_.find(instance);
    if (found == directory_.end() || found->second->local) return;
    directory_.erase(found);
    directory_changed();
}

void Ldmsd::peer_gone(const std::string& node, int pid) {
    for (auto& [name, producer] : producers_)
        if (producer.state == State::connected && producer.peer_node == node && producer.peer_pid == pid) {
            log("ERROR", "Producer " + name + " is disconnected");
            disconnect(producer, true);
        }
}

void Ldmsd::peer_changed(Ldmsd& peer) {
    for (auto& [name, producer] : producers_)
        if (producer.state == State::connected && peer_of(producer) == &peer) refresh(producer, peer);
}

void Ldmsd::directory_changed() {
    if (self == nullptr) return;
    for (Ldmsd* each : world_.daemons<Ldmsd>()) {
        if (each == this) continue;
        each->later(world_.latency(node_, each->node_), [each, name = node_.name, pid = self->pid] {
            Node* node = each->world_.node(name);
            Process* process = node == nullptr ? nullptr : node->find(pid);
            if (auto* peer = process == nullptr ? nullptr : dynamic_cast<Ldmsd*>(process->daemon.get()))
                each->peer_changed(*peer);
        });
    }
}

void Ldmsd::update_later(Updater& updater) {
    const Duration wait = next_tick(updater.interval, updater.offset) - world_.timeline().now();
    updater.due = later(wait, [this, name = updater.name] {
        const auto found = updaters_.find(name);
        if (found == updaters_.end() || !found->second.running) return;
        update(found->second);
        update_later(found->second);
    });
}

void Ldmsd::update(Updater& updater) {
    constexpr Duration settles = std::chrono::seconds(1);
    for (auto& [name, producer] : producers_) {
        const auto covers = [&name = name](const auto& each) { return std::regex_search(name, each.second); };
        if (producer.state != State::connected ||
            std::none_of(updater.producers.begin(), updater.producers.end(), covers))
            continue;
        for (auto& [instance, entry] : producer.sets) {
            const auto wanted = [&, &on = instance, &schema = entry.schema](const auto& each) {
                return std::regex_search(each.second.second ? schema : on, each.second.first);
            };
            if (!updater.matches.empty() &&
                std::none_of(updater.matches.begin(), updater.matches.end(), wanted))
                continue;
            if (entry.state == "START") {
                look_up(producer, instance);
            } else if (entry.state == "READY" && world_.timeline().now() - entry.looked_up >= settles) {
                entry.state = "UPDATING";
                later(trip(producer), [this, to = name, on = instance] {
                    const auto found = producers_.find(to);
                    if (found != producers_.end()) copy(found->second, on);
                });
            }
        }
    }
}

void Ldmsd::look_up(Producer& producer, const std::string& instance) {
    producer.sets[instance].state = "LOOKUP";
    later(trip(producer), [this, name = producer.name, instance] {
        const auto found = producers_.find(name);
        if (found == producers_.end() || !found->second.sets.contains(instance)) return;
        Producer::Entry& entry = found->second.sets[instance];
        Ldmsd* peer = peer_of(found->second);
        const auto set = peer == nullptr ? directory_.end() : peer->directory_.find(instance);
        if (peer == nullptr || set == peer->directory_.end()) return void(entry.state = "START");
        if (directory_.contains(instance)) {
            log("ERROR", "Set " + instance + " already exists");
            entry.state = "START";
            return;
        }
        auto copied = std::make_shared<MetricSet>(*set->second);
        copied->local = false;
        copied->consistent = false;
        directory_[instance] = copied;
        entry.state = "READY";
        entry.looked_up = world_.timeline().now();
        directory_changed();
    });
}

void Ldmsd::copy(Producer& producer, const std::string& instance) {
    const auto entry = producer.sets.find(instance);
    Ldmsd* peer = peer_of(producer);
    if (entry == producer.sets.end() || peer == nullptr) return;
    entry->second.state = "READY";
    const auto theirs = peer->directory_.find(instance);
    if (theirs == peer->directory_.end() || !directory_.contains(instance)) return;
    auto copied = std::make_shared<MetricSet>(*theirs->second);
    copied->local = false;
    directory_[instance] = copied;
    store(*copied, producer);
}

}  // namespace csim::model
