#include "tests/sim/walk/walk.hpp"

#include "fakes/actions/action_table.hpp"
#include "sim/control/operation.hpp"

#include <algorithm>
#include <numeric>
#include <set>

namespace csim {
namespace {

const Setup size{
    .cluster_size = 4,
    .server_count = 60,
    .worker_count = 4,
    .nid_count = 2,
    .volume_count = 120,
    .psu_count = 2};
constexpr std::size_t nodes_min = 58;
constexpr std::size_t nodes_max = 70;

/// Operations that have a kind of step of their own, or that nothing would be left after.
const std::set<std::string_view> apart = {
    "setup", "add_su",        "add_server",    "remove_server", "remove_all_servers", "clear_clusters",
    "stop",  "server_action", "network_fault", "slow_link",     "lose_messages",      "partition"};

}  // namespace

struct Walk::Kind {
    const char* name;
    std::int64_t weight;
    void (Walk::*run)();
};

const std::vector<Walk::Kind>& Walk::kinds() {
    static const std::vector<Kind> all = {
        {"pass time", 200, &Walk::pass_time},
        {"control operation", 200, &Walk::control},
        {"query", 60, &Walk::query},
        {"action", 200, &Walk::action},
        {"action of the manager", 60, &Walk::managed_action},
        {"resources moved", 120, &Walk::move_resources},
        {"power switched", 60, &Walk::switch_power},
        {"network faults", 20, &Walk::fault},
        {"copytools", 40, &Walk::copytools},
        {"filesystem made", 12, &Walk::make_filesystem},
        {"nodes added or removed", 20, &Walk::keep_size},
        {"everything healed", 15, &Walk::heal},
        {"restart", 8, &Walk::restart},
        {"everything removed", 1, &Walk::empty_and_refill},
    };
    return all;
}

Walk::Walk(std::uint64_t seed) : chance_(Rng(seed).stream("walk")), world_(seed, size), checks_(world_) {}

std::vector<std::string> Walk::step() {
    const auto& all = kinds();
    const std::int64_t total = std::accumulate(
        all.begin(), all.end(), std::int64_t{0}, [](auto sum, const Kind& kind) { return sum + kind.weight; }
    );
    std::int64_t at = chance_.between(0, total - 1);
    auto kind = all.begin();
    while (at >= kind->weight) at -= (kind++)->weight;
    last_ = kind->name;
    ++done_[kind->name];
    (this->*kind->run)();
    return checks_.run(chance_);
}

void Walk::pass_time() {
    const Duration span = chance_.chance({1, 40}) ? chance_.between(Duration(0), Duration(40s))
                                                  : chance_.between(Duration(0), Duration(600ms));
    world_.run_for(span);
}

/// A failure that comes at once must have changed nothing: I-28.
void Walk::call(const std::string& method, const Json& params) {
    last_ += ": " + method + " " + params.dump();
    const std::uint64_t before = world_.writes();
    const auto answer = world_.call(method, params);
    if (answer && answer->has_error() && world_.writes() != before)
        checks_.wrong("I-28: " + method + " failed and changed something: " + answer->error().detail);
}

void Walk::control() {
    std::vector<const Operation*> rows;
    for (const Operation& row : operations()) {
        if (row.kind == OperationKind::change && !apart.contains(row.name)) rows.push_back(&row);
    }
    WalkArguments arguments(world_.world(), chance_);
    const Operation& row = *arguments.any(rows);
    if (row.name.starts_with("register")) world_.give_keys();
    Json params = Json::object();
    for (const Parameter& each : row.parameters()) {
        if (each.optional && arguments.one_in(2)) continue;
        params[std::string(each.name)] = arguments.of(std::string(each.name), std::string(each.type));
    }
    call(std::string(row.name), params);
}

void Walk::query() {
    WalkArguments arguments(world_.world(), chance_);
    for (const Operation& row : operations()) {
        if (row.kind != OperationKind::query || !arguments.one_in(4)) continue;
        Json params = Json::object();
        for (const Parameter& each : row.parameters())
            params[std::string(each.name)] = arguments.of(std::string(each.name), std::string(each.type));
        const std::uint64_t before = world_.writes();
        (void)world_.call(std::string(row.name), params);
        if (world_.writes() != before)
            checks_.wrong("I-24: the query " + std::string(row.name) + " changed something");
    }
}

Json Walk::arguments_of_action(const ActionSpec& row, const FakeServer& node) {
    WalkArguments arguments(world_.world(), chance_);
    Json args = Json::object();
    for (const ActionArgument& each : row.arguments()) {
        if (!each.required && arguments.one_in(2)) continue;
        args[each.name] = each.name == "lnet_configuration" ? arguments.lnet_configuration(node)
                                                            : arguments.of(each.name, each.type);
    }
    return row.name == "configure_copytool" ? arguments.copytool_settings() : args;
}

void Walk::action() {
    WalkArguments arguments(world_.world(), chance_);
    const auto table = action_table();
    const ActionSpec& row =
        table[static_cast<std::size_t>(chance_.between(0, static_cast<std::int64_t>(table.size()) - 1))];
    const FakeServer* const node = world_.world().find(arguments.node());
    if (node == nullptr) return;
    const Json args = arguments_of_action(row, *node);
    call("server_action", Json::array({node->fqdn(), row.name, args}));
}

/// As a manager would: through the agent's session, once more if it feels like it.
void Walk::managed_action() {
    WalkArguments arguments(world_.world(), chance_);
    const FakeServer* const node = world_.world().find(arguments.node());
    if (node == nullptr || world_.simulator().fleet().sessions_open(node->fqdn()) == 0) return;
    ScriptedManager& manager = world_.network().manager(node->fqdn());
    const auto table = action_table();
    const ActionSpec& row =
        table[static_cast<std::size_t>(chance_.between(0, static_cast<std::int64_t>(table.size()) - 1))];
    const std::string id = "walk-" + std::to_string(++asked_);
    last_ += ": " + std::string(row.name) + " on " + node->fqdn();
    checks_.action_sent(id);
    const Json body{
        {"type", "ACTION_START"},
        {"id", id},
        {"action", row.name},
        {"args", arguments_of_action(row, *node)}};
    manager.send({data_for("action_runner", manager.session_id("action_runner"), body)});
    manager.copytool_texts.clear();
    world_.run_for(100ms);
}

void Walk::move_resources() {
    static const char* const ways[] = {"cluster_start",    "cluster_start",    "cluster_stop",
                                       "cluster_failover", "cluster_failback", "cluster_set_failing"};
    WalkArguments arguments(world_.world(), chance_);
    const std::string label = arguments.ha_label();
    for (const FakeCluster* cluster : world_.world().clusters()) {
        if (cluster->find(label) == nullptr) continue;
        const std::string fqdn = cluster->state().nodes.begin()->second.fqdn;
        const std::string way = arguments.any(ways);
        if (way != "cluster_set_failing") return call(way, Json::array({fqdn, label}));
        const auto& node = cluster->find(label)->primary_node;
        return call(way, Json::array({fqdn, label, node.value_or("nobody"), arguments.one_in(3)}));
    }
}

void Walk::switch_power() {
    static const char* const what[] = {"on", "on", "off", "reboot"};
    WalkArguments arguments(world_.world(), chance_);
    if (arguments.one_in(2))
        return call("server_power", Json::array({arguments.node(), arguments.any(what)}));
    call("pdu_set", Json::array({"pdu000", arguments.between(1, 66), arguments.any(what)}));
}

void Walk::fault() {
    static const char* const modes[] = {"none", "refuse", "drop_responses"};
    WalkArguments arguments(world_.world(), chance_);
    const std::string fqdn = arguments.one_in(20) ? "" : arguments.node();
    switch (arguments.between(0, 4)) {
        case 0:
            return call("slow_link", Json::array({fqdn, "250ms", "5s", arguments.one_in(2) ? 0 : 20'000}));
        case 1:
            return call("lose_messages", Json::array({fqdn, arguments.between(0, 100)}));
        case 2: {
            static const char* const directions[] = {"none", "both", "to_manager", "from_manager"};
            return call("partition", Json::array({fqdn, arguments.any(directions)}));
        }
        default:
            return call("network_fault", Json::array({fqdn, arguments.any(modes)}));
    }
}

void Walk::copytools() {
    WalkArguments arguments(world_.world(), chance_);
    const std::string id = std::to_string(arguments.between(1, 4));
    switch (arguments.between(0, 4)) {
        case 0:
            return call(
                "configure_hsm_copytool", Json::array({arguments.worker(), arguments.copytool_settings()})
            );
        case 1:
            return call("control_hsm_coordinator", Json::array({arguments.fsname(), "enabled"}));
        case 2:
            return call("stop_monitored_copytool", Json::array({id}));
        default:
            break;
    }
    const HsmCopytool* const known = world_.world().hsm().copytool(id);
    const std::string on = known == nullptr ? arguments.worker() : (*known)->server;
    call("start_monitored_copytool", Json::array({on, id}));
}

void Walk::keep_size() {
    WalkArguments arguments(world_.world(), chance_);
    const std::size_t nodes = world_.world().node_count();
    if (nodes > nodes_min && (nodes >= nodes_max || arguments.one_in(2)))
        return call("remove_server", Json::array({arguments.node()}));
    if (arguments.one_in(2)) return call("add_server", Json::array({2}));
    call("add_su", Json::array({arguments.between(0, 4), arguments.between(0, 2), 2}));
}

/// Everything that was cut or stopped works again, and every node belongs to the manager.
void Walk::heal() {
    call("heal_link", Json::array({""}));
    const auto nodes = world_.world().nodes();
    for (const FakeServer* node : nodes) {
        if (!node->worker() && !node->has_power())
            (void)world_.call("server_power", Json::array({node->fqdn(), "on"}));
    }
    world_.give_keys();
    (void)world_.call("register_all", Json::array({"secret", "secret"}));
    (void)world_.call("start_all", Json::array());
    world_.run_for(15s);
}

void Walk::empty_and_refill() {
    if (!chance_.chance({1, 6})) return call("clear_clusters", Json::array());
    (void)world_.ask("remove_all_servers", Json::array());
    const auto made = world_.ask(
        "setup", Json::array(
                     {size.server_count, size.worker_count, size.volumes(), size.nid_count, size.cluster_size,
                      size.psu_count, 0}
                 )
    );
    if (!made || made->has_error())
        checks_.wrong(
            "I-28: an emptied world could not be set up again: " +
            (made ? made->error().detail : std::string("no answer"))
        );
    heal();
}

void Walk::restart() {
    if (!world_.restart()) checks_.wrong("I-25: loading changed what was saved");
    checks_.process_died();
}

}  // namespace csim
