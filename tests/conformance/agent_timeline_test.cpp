// The first seventy seconds of an original agent, as captured, beside ours under the same circumstances.
#include "agent_proto/agent.hpp"
#include "tests/agent_proto/scripted_manager.hpp"
#include "tests/agent_proto/scripted_server.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

TEST_SUITE_BEGIN("conformance/agent timeline");

namespace csim {
namespace {

/// What one plugin did: seconds after the first request at which its data left, and the numbers they carried.
struct PluginLife {
    std::vector<double> seconds;
    std::vector<std::int64_t> numbers;
};
using Life = std::map<std::string, PluginLife>;

Life captured_life(const Json& entries) {
    Life life;
    const double began = entries[0]["t"];
    for (const Json& entry : entries) {
        if (entry["kind"] != "post") continue;
        for (const Json& message : entry["body"]["messages"]) {
            if (message["type"] != "DATA") continue;
            PluginLife& plugin = life[message["plugin"]];
            plugin.seconds.push_back(entry["t"].get<double>() - began);
            plugin.numbers.push_back(message["session_seq"]);
        }
    }
    return life;
}

Life our_life(const std::vector<std::string>& silent, Duration span) {
    Timeline timeline(SimTime::from_unix_ns(1'700'000'000'000'000'000));
    ScriptedManager manager(timeline);
    manager.opens_sessions = true;
    ScriptedReports reports(
        {"action_runner", "corosync", "linux", "linux_network", "lustre", "simulator_controller",
         "systemd_journal"}
    );
    ScriptedActions actions;
    Agent agent({"test000.localdomain", {.reference = true}}, {timeline, manager, reports, actions});
    const SimTime began = timeline.now();
    agent.start(began);
    timeline.run_until(began + 5s);
    for (const std::string& plugin : silent) reports.says[plugin] = {};
    timeline.run_until(began + span);
    Life life;
    for (const auto& post : manager.posts) {
        for (const Message& message : post.request.messages) {
            if (message.type != MessageType::data) continue;
            PluginLife& plugin = life[message.plugin->str()];
            plugin.seconds.push_back(static_cast<double>((post.at - began).count()) / 1e9);
            plugin.numbers.push_back(*message.session_seq);
        }
    }
    return life;
}

}  // namespace

TEST_CASE("an agent with reference habits reports when the original did") {
    const char* captures = std::getenv("CSIM_CAPTURES");
    if (captures == nullptr) {
        MESSAGE("skipped: CSIM_CAPTURES names no folder of captures");
        return;
    }
    std::ifstream file(std::string(captures) + "/wire/10-timeline/test000-run-first-70s.json");
    REQUIRE(file.good());
    const Life captured = captured_life(Json::parse(file));
    std::vector<std::string> silent;
    std::size_t compared = 0;
    for (const auto& [plugin, life] : captured) {
        if (life.seconds.size() == 1) silent.push_back(plugin);
    }
    const Life ours = our_life(silent, 70s);
    for (const auto& [plugin, life] : captured) {
        CAPTURE(plugin);
        REQUIRE(ours.count(plugin) == 1);
        const PluginLife& own = ours.at(plugin);
        for (std::size_t at = 0; at < std::min(life.seconds.size(), own.seconds.size()); ++at) {
            CHECK(own.numbers[at] == life.numbers[at]);
            CHECK(own.seconds[at] == doctest::Approx(life.seconds[at]).epsilon(0.001).scale(300));
            ++compared;
        }
        CHECK(own.seconds.size() + 1 >= life.seconds.size());
        CHECK(life.seconds.size() + 1 >= own.seconds.size());
    }
    CHECK(compared > 15);
}

}  // namespace csim
