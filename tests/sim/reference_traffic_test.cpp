// What fifty servers with the habits of the original agents put on the wire, counted in simulated time. The
// figures to meet are those of an original agent, seen for a minute: a poll each half minute, two posts each
// ten seconds, and in them four reports of those plugins that have something to say.
#include "tests/sim/live_cluster.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("sim/reference_traffic");

using namespace csim;

namespace {

constexpr int servers = 50;
constexpr Duration settled = 20s;
constexpr Duration span = 60s;

struct Traffic {
    double polls = 0;
    double posts = 0;
    double bytes = 0;
    std::map<std::string, double> messages;  ///< DATA by plugin
};

/// Per server, in a minute after all of them have opened their sessions.
Traffic traffic_of(LiveCluster& cluster, SimTime from) {
    Traffic seen;
    const auto in_span = [&](SimTime at) { return at >= from && at < from + span; };
    for (const FakeServer* node : cluster.simulator->world().nodes()) {
        const ScriptedManager& manager = cluster.network.manager(node->fqdn());
        for (const auto& get : manager.gets) seen.polls += in_span(get.at) ? 1.0 / servers : 0;
        for (const auto& post : manager.posts) {
            if (!in_span(post.at)) continue;
            seen.posts += 1.0 / servers;
            seen.bytes += static_cast<double>(encode(post.request).size()) / servers;
            for (const Message& message : post.request.messages) {
                CHECK(message.type == MessageType::data);
                seen.messages[message.plugin->str()] += 1.0 / servers;
            }
        }
    }
    return seen;
}

SimulatorOptions reference_habits() {
    SimulatorOptions options;
    options.fleet.habits.reference = true;
    return options;
}

}  // namespace

TEST_CASE("fifty servers with reference habits ask and report as often as the original ones") {
    LiveCluster cluster({.server_count = servers, .worker_count = 0}, reference_habits());
    cluster.certify_all();
    cluster.simulator->start_everything();
    cluster.run_for(settled);
    const SimTime from = cluster.timeline.now();
    cluster.run_for(span);
    const Traffic seen = traffic_of(cluster, from);
    CHECK(seen.polls == doctest::Approx(2).epsilon(0.1));
    CHECK(seen.posts == doctest::Approx(12).epsilon(0.1));
    CHECK(seen.messages.size() == 4);
    for (const char* plugin : {"corosync", "linux_network", "lustre", "simulator_controller"}) {
        CAPTURE(plugin);
        CHECK(seen.messages.at(plugin) == doctest::Approx(6).epsilon(0.1));
    }
    MESSAGE("bytes of bodies per server and minute: " << seen.bytes);
}

TEST_SUITE_END();
