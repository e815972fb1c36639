// The way between an agent and its manager made worse, and healed.
#include "tests/sim/live_cluster.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("sim/link");

using namespace csim;

namespace {

const std::string first = "test000.localdomain";
const std::string second = "test001.localdomain";

struct TwoServers : LiveCluster {
    TwoServers() : LiveCluster({.cluster_size = 2, .server_count = 2, .worker_count = 0, .nid_count = 2}) {
        certify_all();
        simulator->start_everything();
        run_for(40s);
        REQUIRE(sessions(first) == 7);
        REQUIRE(network.manager(first).poll_open());
    }
    std::size_t sessions(const std::string& fqdn) { return simulator->fleet().sessions_open(fqdn); }
    const AgentCounters& counters(const std::string& fqdn) {
        return simulator->fleet().find(fqdn)->counters();
    }
    /// Long polls that reach the manager within ten minutes.
    std::uint64_t polls_of(const std::string& fqdn) {
        const auto before = network.manager(fqdn).get_count;
        run_for(10min);
        return network.manager(fqdn).get_count - before;
    }
};

}  // namespace

// Proves: method network_fault.
TEST_CASE_FIXTURE(TwoServers, "an open long poll breaks at once when its network is set to refuse") {
    const auto failures = counters(first).get_failures;
    tell("network_fault", {first, "refuse"});
    run_for(1ms);
    CHECK(counters(first).get_failures == failures + 1);
    CHECK_FALSE(network.manager(first).poll_open());
    CHECK(network.manager(second).poll_open());
}

// Proves: method network_fault.
TEST_CASE_FIXTURE(TwoServers, "an open long poll is the one whose answer a network that drops them loses") {
    const auto gets = network.manager(first).get_count;
    const auto posts = network.manager(first).post_count;
    tell("network_fault", {first, "drop_responses"});
    network.manager(first).send({terminate_all()});
    run_for(10s);
    CHECK(counters(first).get_failures == 1);
    run_for(5min);
    CHECK(network.manager(first).get_count == gets);
    CHECK(network.manager(first).post_count == posts + 1);
}

// Proves: method slow_link, heal_link.
TEST_CASE_FIXTURE(
    TwoServers, "a slow link is slow for one agent, loses nothing, and is fast again when healed"
) {
    tell("slow_link", {first, "10s", "1s"});
    run_for(1min);
    const auto slow = polls_of(first);
    CHECK(slow >= 10);
    CHECK(slow <= 13);
    CHECK(polls_of(second) >= 19);
    CHECK(counters(first).get_failures + counters(first).post_failures == 0);
    CHECK(sessions(first) == 7);
    tell("heal_link", {first});
    run_for(1min);
    CHECK(polls_of(first) >= 19);
}

// Proves: method slow_link.
TEST_CASE_FIXTURE(TwoServers, "a narrow link takes its time for what is long") {
    tell("slow_link", {first, "0s", "0s", 100});
    tell("server_inject_log_message", {first, std::string(2000, 'x')});
    const auto posts = network.manager(first).posts.size();
    run_for(20s);
    CHECK(network.manager(first).posts.size() <= posts + 1);
    tell("heal_link", {""});
    run_for(2min);
    CHECK(network.manager(first).posts.size() > posts + 5);
}

// Proves: method lose_messages, heal_link.
TEST_CASE_FIXTURE(TwoServers, "lost messages cost a time-out each, and an agent survives some of them") {
    tell("lose_messages", {"", 100});
    run_for(2min);
    CHECK(counters(first).get_failures > 0);
    CHECK(counters(second).post_failures > 0);
    CHECK(sessions(first) + sessions(second) == 0);
    tell("lose_messages", {"", 2.5});
    run_for(30min);
    CHECK(counters(first).messages_received > 0);
    tell("heal_link", {""});
    run_for(3min);
    CHECK(sessions(first) == 7);
    CHECK(sessions(second) == 7);
}

// Proves: method partition, heal_link, link_list.
TEST_CASE_FIXTURE(TwoServers, "nothing passes a partition in its direction until it is over") {
    for (const char* direction : {"both", "to_manager", "from_manager"}) {
        CAPTURE(direction);
        tell("partition", {first, direction});
        const auto gets = network.manager(first).get_count;
        run_for(4min);
        CHECK(sessions(first) == 0);
        CHECK((network.manager(first).get_count > gets) == (direction == std::string("from_manager")));
        CHECK(sessions(second) == 7);
        CHECK(tell("link_list")[0]["partition"] == direction);
        tell("partition", {first, "none"});
        run_for(4min);
        CHECK(sessions(first) == 7);
        CHECK(tell("link_list").empty());
    }
}

// Proves: method link_list, slow_link, lose_messages, partition, heal_link.
TEST_CASE_FIXTURE(
    TwoServers, "what was done to links is listed, adds up, and holds for agents that come later"
) {
    tell("slow_link", {"", "250ms", "50ms", 125000});
    tell("lose_messages", {first, 12.5});
    tell("partition", {first});
    tell("network_fault", {second, "refuse"});
    const Json list = tell("link_list");
    REQUIRE(list.size() == 2);
    CHECK(
        list[0] == Json(
                       {{"fqdn", first},
                        {"fault", "none"},
                        {"latency", "250ms"},
                        {"jitter", "50ms"},
                        {"bytes_per_second", 125000.0},
                        {"loss_percent", 12.5},
                        {"partition", "both"}}
                   )
    );
    CHECK(list[1]["fault"] == "refuse");
    CHECK(list[1]["latency"] == "250ms");
    tell("heal_link", {second});
    tell("network_fault", {"", "refuse"});
    tell("add_server", {2});
    CHECK(tell("link_list").size() == 3);
    tell("heal_link", {""});
    CHECK(tell("link_list").empty());
}

// Proves: method slow_link, lose_messages, partition, heal_link.
TEST_CASE_FIXTURE(TwoServers, "what no link can be like is refused and changes nothing") {
    const auto refused = [&](const char* method, const Json& params, Errc code) {
        CAPTURE(method);
        CAPTURE(params.dump());
        const auto answer = ask(method, params);
        REQUIRE(answer.has_error());
        CHECK(answer.error().code == code);
    };
    refused("slow_link", {first, "2h"}, Errc::bad_argument);
    refused("slow_link", {first, "-1s"}, Errc::bad_argument);
    refused("slow_link", {first, "1s", "61s"}, Errc::bad_argument);
    refused("slow_link", {first, "1s", "0s", 3}, Errc::bad_argument);
    refused("slow_link", {first, 250}, Errc::bad_argument);
    refused("lose_messages", {first, 101}, Errc::bad_argument);
    refused("lose_messages", {first, -1}, Errc::bad_argument);
    refused("partition", {first, "sideways"}, Errc::bad_argument);
    for (const char* method : {"partition", "heal_link"})
        refused(method, Json::array({"nobody"}), Errc::not_found);
    refused("slow_link", {"nobody", "1s"}, Errc::not_found);
    refused("lose_messages", {"nobody", 1}, Errc::not_found);
    CHECK(tell("link_list").empty());
}
