// What sessions and completions of agents mean to the calls in flight.
#include "manager/action_rpc_impl.hpp"
#include "wire/body_of.hpp"

namespace csim {
namespace {

/// One entry of a completion's log of commands, as agents spell it.
struct SubprocessEntry {
    std::vector<std::string> args;
    std::int64_t rc = 0;
    std::string stdout;
    std::string stderr;
};
BOOST_DESCRIBE_STRUCT(SubprocessEntry, (), (args, rc, stdout, stderr))

Result<std::vector<Subprocess>> read_subprocesses(const Json& json) {
    auto entries = from_json_value<std::vector<SubprocessEntry>>(json, Strictness::lenient);
    if (!entries) return Error{Errc::corrupt, "subprocesses" + entries.error().detail};
    std::vector<Subprocess> subprocesses;
    for (SubprocessEntry& entry : *entries) {
        subprocesses.push_back(
            {std::move(entry.args), entry.rc, std::move(entry.stdout), std::move(entry.stderr)}
        );
    }
    return subprocesses;
}

Result<ActionResult> read_result(const ActionCompletion& completion) {
    auto value = parse_json(completion.result.text);
    if (value.has_error()) return Error{Errc::corrupt, "result: " + value.error().detail};
    auto log = parse_json(completion.subprocesses.text);
    if (log.has_error()) return Error{Errc::corrupt, "subprocesses: " + log.error().detail};
    auto subprocesses = read_subprocesses(log.value());
    if (!subprocesses) return subprocesses.error();
    return ActionResult{std::move(value.value()), *std::move(subprocesses)};
}

const std::string* text_member(const Json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

}  // namespace

void ActionRpc::session_created(const std::string& fqdn, const std::string& session_id) {
    impl_->sessions[fqdn] = session_id;
    // Calls of a session that was replaced without being terminated go on in the new one, under the same ids.
    for (const CallId id : impl_->calls_of(fqdn)) {
        const auto call = impl_->calls.find(id);
        if (call != impl_->calls.end()) impl_->issue(id, call->second);
    }
    std::vector<CallId> back;
    for (const auto& [id, awaiting] : impl_->awaitings) {
        if (awaiting.fqdn == fqdn && awaiting.old_session != session_id) back.push_back(id);
    }
    for (const CallId id : back) impl_->end_awaiting(id, Nothing{});
}

void ActionRpc::session_terminated(const std::string& fqdn, const std::string& session_id) {
    const auto current = impl_->sessions.find(fqdn);
    if (current != impl_->sessions.end() && current->second == session_id) impl_->sessions.erase(current);
    const std::string text = "Communications error with " + fqdn + " because session terminated";
    impl_->fail_calls_of_session(fqdn, session_id, {Errc::unreachable, text});
}

void ActionRpc::all_sessions_terminated() {
    impl_->sessions.clear();
    while (!impl_->calls.empty()) {
        const auto first = impl_->calls.begin();
        const std::string text =
            "Communications error with " + first->second.fqdn + " because all sessions terminated";
        impl_->complete(first->first, Error{Errc::unreachable, text});
    }
}

ActionRpc::Received ActionRpc::received() const {
    return {impl_->received, impl_->finished.size()};
}

Result<Nothing> ActionRpc::data(const Message& message, SessionMemo&) {
    ++impl_->received;
    const auto json = message.body.get_if<Json>();
    const std::string* type = json ? text_member(*json, "type") : nullptr;
    if (type != nullptr && *type != action_complete) {
        return Error{Errc::bad_argument, "unknown type " + *type};
    }
    const auto completion = message.body.as<ActionCompletion>();
    if (!completion) return impl_->reject(message, completion.error());
    return impl_->take_completion(message, **completion);
}

Result<Nothing> ActionRpc::Impl::take_completion(const Message& message, const ActionCompletion& completion) {
    const std::string& fqdn = message.fqdn;
    const auto current = sessions.find(fqdn);
    if (current == sessions.end() || current->second != message.session_id->str()) {
        if (current != sessions.end()) {
            const std::string lost = current->second;
            sessions.erase(current);
            const std::string text = "Communications error with " + fqdn + " because session cancelled";
            fail_calls_of_session(fqdn, lost, {Errc::unreachable, text});
        }
        service.reset_session(fqdn, action_runner_plugin, *message.session_id);
        return Error{Errc::corrupt, "a completion came from a session that is not the current one"};
    }
    const auto id = find_call(completion.id);
    if (!id || calls.at(*id).fqdn != fqdn) {
        if (cancelled_uuids.contains(completion.id)) return Nothing{};
        return Error{Errc::not_found, "a completion came for the unknown call " + completion.id};
    }
    auto result = read_result(completion);
    if (!result) return reject(message, result.error());
    auto& told = calls.at(*id).options.subprocesses;
    if (told) {
        later([told = std::move(told), log = result->subprocesses]() mutable { told(log); });
    }
    if (completion.exception) {
        complete(*id, Error{Errc::refused, *completion.exception});
    } else {
        complete(*id, *std::move(result));
    }
    return Nothing{};
}

Result<Nothing> ActionRpc::Impl::reject(const Message& message, Error error) {
    const Json body = message.body.to_json();
    const std::string* uuid = text_member(body, "id");
    const auto id = uuid == nullptr ? std::nullopt : find_call(*uuid);
    if (id && calls.at(*id).fqdn == message.fqdn) {
        complete(
            *id,
            Error{
                Errc::corrupt, "The completion from " + message.fqdn.str() + " is malformed: " + error.detail}
        );
    }
    reset(message.fqdn, *message.session_id);
    return error;
}

/// Calls in flight are asked again in the session that the agent opens next, or fail for want of one.
void ActionRpc::Impl::reset(const std::string& fqdn, const std::string& session_id) {
    sessions.erase(fqdn);
    for (const CallId id : calls_of(fqdn)) {
        Call& call = calls.at(id);
        call.session_id.clear();
        wait_for_session(id, call);
    }
    service.reset_session(fqdn, action_runner_plugin, session_id);
}

void ActionRpc::Impl::fail_calls_of_session(
    const std::string& fqdn, const std::string& session_id, const Error& error
) {
    for (const CallId id : calls_of(fqdn)) {
        if (calls.at(id).session_id == session_id) complete(id, error);
    }
}

}  // namespace csim
