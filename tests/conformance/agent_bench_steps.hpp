// Steps that checks have in common.
#pragma once

#include "tests/agent_proto/scripted_manager.hpp"
#include "tests/conformance/agent_bench.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace csim {

inline constexpr SimTime bench_boot_time = SimTime::from_unix_ns(1'699'999'000'000'000'000);

/// What `plugin` has sent so far, in order; "" means any plugin.
inline std::vector<Message> sent(AgentBench& bench, MessageType type, const std::string& plugin = "") {
    std::vector<Message> found;
    for (const SeenPost& seen : bench.manager().posts()) {
        for (const Message& message : seen.post.messages) {
            if (message.type == type && (plugin.empty() || message.plugin == plugin))
                found.push_back(message);
        }
    }
    return found;
}

inline std::vector<Message> requests(AgentBench& bench, const std::string& plugin = "") {
    return sent(bench, MessageType::session_create_request, plugin);
}

inline std::vector<Message> data(AgentBench& bench, const std::string& plugin = "") {
    return sent(bench, MessageType::data, plugin);
}

/// Instants of the posts that carried a message of this type, in seconds after `since`.
inline std::vector<double> seconds_of(
    AgentBench& bench, MessageType type, const std::string& plugin, SimTime since
) {
    std::vector<double> seconds;
    for (const SeenPost& seen : bench.manager().posts()) {
        for (const Message& message : seen.post.messages) {
            if (message.type != type || message.plugin != plugin || seen.at < since) continue;
            seconds.push_back(static_cast<double>((seen.at - since).count()) / 1e9);
        }
    }
    return seconds;
}

/// Starts the agent and opens the sessions `r-1` (action_runner), `l-1` (linux) and `u-1` (lustre).
inline void open_sessions(AgentBench& bench) {
    bench.agent().start(bench_boot_time);
    bench.run_for(50ms);
    bench.manager().send(
        {response("action_runner", "r-1"), response("linux", "l-1"), response("lustre", "u-1")}
    );
    bench.run_for(50ms);
}

inline Message action(const char* type, const std::string& id, Json name, Json args) {
    return data_for("action_runner", "r-1", {{"type", type}, {"id", id}, {"action", name}, {"args", args}});
}

inline void start_action(AgentBench& bench, const std::string& id, const std::string& name = "start_lnet") {
    bench.manager().send({action("ACTION_START", id, name, Json::object())});
    bench.run_for(50ms);
}

/// Bodies of completions sent so far.
inline std::vector<Json> completions(AgentBench& bench) {
    std::vector<Json> found;
    for (const Message& message : data(bench, "action_runner")) found.push_back(message.body.to_json());
    return found;
}

}  // namespace csim
