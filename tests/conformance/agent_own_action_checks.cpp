// The two actions that concern an agent's own reports.
#include "tests/conformance/agent_bench_steps.hpp"

#include <doctest/doctest.h>

namespace csim {
namespace {

Json call(AgentBench& bench, const std::string& name, Json args) {
    static int last = 0;
    const std::string id = "call-" + std::to_string(++last);
    bench.manager().send({action("ACTION_START", id, name, std::move(args))});
    bench.run_for(50ms);
    const auto done = completions(bench);
    REQUIRE_FALSE(done.empty());
    CHECK(done.back()["id"] == id);
    return done.back();
}

void device_plugin_takes_a_snapshot(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    const Json snapshot = {{"report", "snapshot"}};
    CHECK(call(*bench, "device_plugin", {{"plugin", "linux"}})["result"] == Json{{"linux", snapshot}});
    CHECK(
        call(*bench, "device_plugin", {{"plugin", nullptr}})["result"] ==
        Json{{"linux", snapshot}, {"lustre", snapshot}}
    );
    CHECK(call(*bench, "device_plugin", {{"plugin", ""}})["result"] == Json::object());
    for (const Json& args :
         {Json::object(), Json{{"plugin", "nonexistent"}}, Json{{"plugin", "action_runner"}},
          Json{{"plugin", 3}}, Json{{"plugin", "linux"}, {"bogus", 1}}}) {
        CAPTURE(args.dump());
        const Json done = call(*bench, "device_plugin", args);
        CHECK(done["exception"].is_string());
        CHECK(done["result"].is_null());
    }
    bench->reports().fails["linux"] = true;
    CHECK(call(*bench, "device_plugin", {{"plugin", "linux"}})["exception"].is_string());
    CHECK(bench->agent().session_open("linux"));
}

void trigger_plugin_update_forces_a_full_report(const BenchFactory& make) {
    auto bench = make({});
    open_sessions(*bench);
    bench->run_for(2s);
    bench->reports().asked.clear();
    CHECK(call(*bench, "trigger_plugin_update", {{"plugin_names", {"linux"}}})["exception"].is_null());
    bench->run_for(10s);
    CHECK(bench->reports().asked == std::vector<std::string>{"linux full", "lustre next"});
    bench->reports().asked.clear();
    call(*bench, "trigger_plugin_update", {{"plugin_names", Json::array()}});
    bench->run_for(20s);
    CHECK(
        bench->reports().asked ==
        std::vector<std::string>{"linux full", "lustre full", "linux next", "lustre next"}
    );
    CHECK(call(*bench, "trigger_plugin_update", Json::object())["exception"].is_string());
    CHECK(call(*bench, "trigger_plugin_update", {{"plugin_names", "linux"}})["exception"].is_string());
}

}  // namespace

std::vector<AgentCheck> own_action_checks() {
    return {
        {"device_plugin takes a snapshot", device_plugin_takes_a_snapshot},
        {"trigger_plugin_update forces a full report", trigger_plugin_update_forces_a_full_report},
    };
}

}  // namespace csim
