// Counting down, and chains.
#include "manager/jobs/agent_calls.hpp"

#include <nlohmann/json.hpp>

namespace csim {

namespace {

/// True if the call may count as done; else the step was failed.
bool accepted(StepRun& step, const AgentCall& call, const Result<StepRun::Answer>& answer) {
    if (!answer) {
        if (call.may_be_unreachable && answer.error().code == Errc::unreachable) return true;
        step.fail(answer.error().detail);
        return false;
    }
    if (!call.wrapped || answer->value.is_null()) return true;
    auto value = unwrap(ActionResult{answer->value, {}});
    if (value) return true;
    step.fail(value.error().detail);
    return false;
}

}  // namespace

void call_all(StepRun& step, const std::vector<AgentCall>& calls, std::function<void()> then) {
    if (calls.empty()) return then();
    auto left = std::make_shared<std::size_t>(calls.size());
    for (const AgentCall& call : calls) {
        AgentCall kept = call;
        kept.args = nullptr;
        auto answered = [&step, left, then, kept = std::move(kept)](Result<StepRun::Answer> answer) {
            if (!accepted(step, kept, answer)) return;
            if (--*left == 0) then();
        };
        step.attempt(call.fqdn, call.action, call.args, std::move(answered));
    }
}

void call_each(StepRun& step, std::vector<AgentCall> calls, std::function<void()> then) {
    if (calls.empty()) return then();
    AgentCall first = std::move(calls.front());
    calls.erase(calls.begin());
    Json args = std::exchange(first.args, nullptr);
    const std::string fqdn = first.fqdn, action = first.action;
    step.attempt(fqdn, action, std::move(args), [&step, first, calls, then](Result<StepRun::Answer> answer) {
        if (accepted(step, first, answer)) call_each(step, calls, then);
    });
}

}  // namespace csim
