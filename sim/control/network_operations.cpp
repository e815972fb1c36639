// Operations on the link between an agent and its manager.
#include "sim/control/operation_rows.hpp"

#include <array>

namespace csim {

BOOST_DESCRIBE_ENUM(NetworkFault, none, refuse, drop_responses)

namespace {

enum class Direction { none, both, to_manager, from_manager };
BOOST_DESCRIBE_ENUM(Direction, none, both, to_manager, from_manager)

/// Loss is kept in hundredths of a percent.
constexpr double loss_scale = 100;
constexpr std::uint64_t loss_whole = 10'000;
constexpr Duration latency_max = 60s;

struct FaultOf {
    std::string fqdn;
    NetworkFault mode = NetworkFault::none;
};
BOOST_DESCRIBE_STRUCT(FaultOf, (), (fqdn, mode))

struct SlowLink {
    std::string fqdn;
    Duration latency{};
    std::optional<Duration> jitter;
    std::optional<double> bytes_per_second;
};
BOOST_DESCRIBE_STRUCT(SlowLink, (), (fqdn, latency, jitter, bytes_per_second))

struct LoseMessages {
    std::string fqdn;
    double percent = 0;
};
BOOST_DESCRIBE_STRUCT(LoseMessages, (), (fqdn, percent))

struct Partition {
    std::string fqdn;
    std::optional<Direction> direction;
};
BOOST_DESCRIBE_STRUCT(Partition, (), (fqdn, direction))

/// An empty name means all agents.
Result<Nothing> check_name(ControlScope& scope, const std::string& fqdn) {
    if (fqdn.empty()) return Nothing{};
    if (const auto node = server_named(scope, fqdn); !node) return node.error();
    return Nothing{};
}

Result<Answer> network_fault(ControlScope& scope, const FaultOf& args) {
    if (const auto known = check_name(scope, args.fqdn); !known) return known.error();
    scope.network.set_fault(args.fqdn, args.mode);
    return Answer{nullptr};
}

template <class Change>
Result<Answer> change_link(ControlScope& scope, const std::string& fqdn, Change change) {
    if (const auto known = check_name(scope, fqdn); !known) return known.error();
    LinkConditions link = scope.network.conditions(fqdn);
    change(link);
    scope.network.set_conditions(fqdn, link);
    return Answer{nullptr};
}

Result<Answer> slow_link(ControlScope& scope, const SlowLink& args) {
    const Duration jitter = args.jitter.value_or(Duration(0));
    const double narrow = args.bytes_per_second.value_or(0);
    for (const auto& [path, span] : {std::pair{"/latency", args.latency}, std::pair{"/jitter", jitter}}) {
        if (span < Duration(0) || span > latency_max)
            return Error{Errc::bad_argument, std::string(path) + ": must be between 0s and 60s"};
    }
    if (narrow != 0 && !(narrow >= 100 && narrow <= 1e12)) {
        return Error{
            Errc::bad_argument,
            "/bytes_per_second: must be between 100 and 1e12, or 0 for a link that is not narrow"};
    }
    return change_link(scope, args.fqdn, [&](LinkConditions& link) {
        link.latency = args.latency;
        link.jitter = jitter;
        link.bytes_per_second = narrow;
    });
}

Result<Answer> lose_messages(ControlScope& scope, const LoseMessages& args) {
    if (!(args.percent >= 0 && args.percent <= 100))
        return Error{Errc::bad_argument, "/percent: must be between 0 and 100"};
    return change_link(scope, args.fqdn, [&](LinkConditions& link) {
        link.loss = Ratio{static_cast<std::uint64_t>(args.percent * loss_scale), loss_whole};
    });
}

Result<Answer> partition(ControlScope& scope, const Partition& args) {
    const Direction cut = args.direction.value_or(Direction::both);
    return change_link(scope, args.fqdn, [&](LinkConditions& link) {
        link.to_manager_cut = cut == Direction::both || cut == Direction::to_manager;
        link.from_manager_cut = cut == Direction::both || cut == Direction::from_manager;
    });
}

struct OneOrAll {
    std::string fqdn;
};
BOOST_DESCRIBE_STRUCT(OneOrAll, (), (fqdn))

Result<Answer> heal_link(ControlScope& scope, const OneOrAll& args) {
    if (const auto known = check_name(scope, args.fqdn); !known) return known.error();
    scope.network.heal(args.fqdn);
    return Answer{nullptr};
}

Direction direction_of(const LinkConditions& link) {
    if (link.to_manager_cut) return link.from_manager_cut ? Direction::both : Direction::to_manager;
    return link.from_manager_cut ? Direction::from_manager : Direction::none;
}

Result<Answer> link_list(ControlScope& scope, const NoParameters&) {
    Json list = Json::array();
    for (const FakeServer* node : scope.simulator.world().nodes()) {
        const LinkConditions& link = scope.network.conditions(node->fqdn());
        const NetworkFault fault = scope.network.fault(node->fqdn());
        if (fault == NetworkFault::none && same(link, scope.network.normal())) continue;
        const auto whole = static_cast<double>(link.loss.denominator);
        list.push_back(
            {{"fqdn", node->fqdn()},
             {"fault", to_json_value(fault)},
             {"latency", to_json_value(link.latency)},
             {"jitter", to_json_value(link.jitter)},
             {"bytes_per_second", link.bytes_per_second},
             {"loss_percent", 100 * static_cast<double>(link.loss.numerator) / whole},
             {"partition", to_json_value(direction_of(link))}}
        );
    }
    return Answer{std::move(list)};
}

}  // namespace

std::span<const Operation> network_operations() {
    static const auto rows = std::to_array<Operation>({
        operation<network_fault>(
            "network_fault", "nil",
            "What becomes of an agent's requests from now on: none (they work), refuse (open connections "
            "break, an open long poll with them, and each request fails at once) or drop_responses (one GET "
            "and one POST get through and their answers are lost, then all fail; a request that is open is "
            "that one). An empty fqdn means all agents."
        ),
        operation<slow_link>(
            "slow_link", "nil",
            "Makes the way between an agent and the manager long: latency and jitter, such as '250ms', are "
            "added to each message, one way, jitter at random; and narrow, when bytes_per_second is not 0. "
            "An "
            "empty fqdn means all agents."
        ),
        operation<lose_messages>(
            "lose_messages", "nil",
            "So many percent of an agent's requests, and of the answers to it, get lost; each fails after 60 "
            "s. An empty fqdn means all agents."
        ),
        operation<partition>(
            "partition", "nil",
            "Nothing gets through between an agent and the manager, and neither is told: both directions, "
            "to_manager, from_manager, or none again. An empty fqdn means all agents."
        ),
        operation<heal_link>(
            "heal_link", "nil",
            "Ends network_fault, slow_link, lose_messages and partition of an agent. An empty fqdn means all "
            "agents."
        ),
        operation<link_list>(
            "link_list", "array",
            "Agents whose link is not as it should be, and what was done to it. Nothing of it outlives the "
            "simulator's process.",
            OperationKind::query
        ),
    });
    return rows;
}

}  // namespace csim
