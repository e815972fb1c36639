// Remote calls in checks of managers: one that is in flight, and what agents answer.
#pragma once

#include "tests/conformance/manager_steps.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

namespace csim {

inline constexpr const char* oss1 = "oss1.example.com";
inline constexpr const char* runner = "action_runner";
using std::chrono::milliseconds;
using std::chrono::seconds;

/// One call and how it ended.
struct Call {
    Call(ManagerBench& bench, const std::string& action, CallOptions options = {})
        : id(bench.rpc().call(oss1, action, Json{{"name", "value"}}, std::move(options), [this](auto answer) {
              result = std::move(answer);
          })) {}
    Call(const Call&) = delete;

    bool over() const { return result.has_value(); }
    Errc code() const { return result->error().code; }
    std::string detail() const { return result->error().detail; }

    std::optional<Result<ActionResult>> result;
    ActionRpc::CallId id;
};

inline Json completion(const std::string& id, const Json& result, const Json& exception = Json()) {
    return {
        {"type", "ACTION_COMPLETE"},
        {"id", id},
        {"result", result},
        {"exception", exception},
        {"subprocesses", {{{"args", {"echo", "hi"}}, {"rc", 0}, {"stdout", "hi\n"}, {"stderr", ""}}}},
    };
}

/// Polls until a command comes; its body.
inline Json command(HandAgent& agent) {
    for (const Message& message : agent.poll_now()) {
        if (message.type == MessageType::data) return message.body.to_json();
    }
    FAIL("no command came");
    return {};
}

}  // namespace csim
