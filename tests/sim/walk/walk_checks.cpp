#include "tests/sim/walk/walk_checks.hpp"

#include "fakes/plugins/server_reports.hpp"
#include "sim/world_checks.hpp"

namespace csim {

WalkChecks::WalkChecks(WalkWorld& world) : world_(world) {
    world_.on_post = [this](const std::string& fqdn, const AgentPost& post) { seen(fqdn, post); };
}

std::vector<std::string> WalkChecks::run(Rng& pick) {
    for (const Violation& each : violations(std::as_const(world_.simulator())))
        wrong_.push_back(each.invariant + ": " + each.sentence);
    const auto nodes = world_.world().nodes();
    if (!nodes.empty()) {
        const auto chosen = pick.between(0, static_cast<std::int64_t>(nodes.size()) - 1);
        check_reports(*nodes[static_cast<std::size_t>(chosen)]);
    }
    check_counters(pick);
    return std::exchange(wrong_, {});
}

void WalkChecks::seen(const std::string& fqdn, const AgentPost& post) {
    for (const Message& message : post.messages) {
        if (message.type != MessageType::data) continue;
        if (!message.session_id || !message.session_seq) {
            wrong("I-19: " + fqdn + " sent data without a session");
            continue;
        }
        const auto [last, fresh] =
            sequence_.try_emplace({fqdn, message.session_id->str()}, *message.session_seq);
        if (!fresh && *message.session_seq <= last->second)
            wrong("I-19: " + fqdn + " sent " + message.session_id->str() + " out of order");
        last->second = *message.session_seq;
        if (message.plugin == "action_runner") action_completed(message);
    }
    // Sessions of the distant past are never heard of again.
    if (sequence_.size() > 100'000) sequence_.clear();
}

void WalkChecks::action_completed(const Message& message) {
    const Json body = message.body.to_json();
    if (body.value("type", "") != "ACTION_COMPLETE") return;
    if (sent_.erase(body.value("id", "")) == 0)
        wrong("I-20: action " + body.value("id", "?") + " was completed twice, or never asked for");
}

/// I-27: the reports of a member agree with its cluster, and I-24: making them changes nothing.
void WalkChecks::check_reports(const FakeServer& node) {
    World& world = world_.world();
    const std::uint64_t before = world_.writes();
    ServerReports reports(
        *world.find(node.fqdn()), world.context().timeline,
        {&world.devices(), &world.targets(), &world.statistics()}
    );
    const auto made = reports.snapshot("lustre");
    if (!made || made->bodies.empty()) return wrong("I-27: " + node.fqdn() + " reports nothing");
    const Json report = made->bodies.front().to_json();
    Json expected = Json::object();
    if (!node.worker()) {
        for (const auto& [label, where] : *node.cluster().locations())
            expected[label] = where ? Json(*where) : Json();
    }
    if (report["resource_locations"] != expected)
        wrong("I-27: " + node.fqdn() + " reports other places of resources than its cluster");
    if (report["mounts"].size() != node.cluster().running_on(node.nodename()).size())
        wrong("I-27: " + node.fqdn() + " reports other mounts than its cluster");
    world.context().documents.save_all();
    if (world_.writes() != before) wrong("I-24: reporting changed something on disk");
}

/// I-23 between this instant and the last at which the same target was looked at.
void WalkChecks::check_counters(Rng& pick) {
    World& world = world_.world();
    const auto serials = world.targets().serials();
    if (serials.empty()) return;
    const auto chosen = pick.between(0, static_cast<std::int64_t>(serials.size()) - 1);
    const std::string& serial = serials[static_cast<std::size_t>(chosen)];
    const auto now = world.statistics().of(serial, world.context().timeline.now());
    const TargetState* const target = world.targets().find(serial);
    if (now == nullptr || target->label == "MGS") return;
    auto& earlier = earlier_[target->uuid];
    if (earlier != nullptr) {
        for (const Violation& each : statistics_violations(*earlier, *now))
            wrong(each.invariant + ": " + target->label + ": " + each.sentence);
    }
    earlier = now;
}

}  // namespace csim
