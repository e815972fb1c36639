#include "manager/action_rpc.hpp"

#include "manager/action_rpc_impl.hpp"
#include "wire/body_of.hpp"

#include <chrono>

namespace csim {
namespace {

std::string seconds_text(Duration span) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(span).count()) + " seconds";
}

Body request_body(ActionRequest request) {
    return Body::of(std::make_shared<const ActionRequest>(std::move(request)));
}

}  // namespace

ActionRpc::Impl::~Impl() {
    timeline.cancel(finished_timer);
    for (auto& [id, call] : calls) {
        timeline.cancel(call.wait_timer);
        timeline.cancel(call.deadline_timer);
    }
    for (auto& [id, awaiting] : awaitings) timeline.cancel(awaiting.timer);
}

void ActionRpc::Impl::issue(CallId id, Call& call) {
    const auto session = sessions.find(call.fqdn);
    if (session == sessions.end()) return wait_for_session(id, call);
    timeline.cancel(std::exchange(call.wait_timer, {}));
    call.session_id = session->second;
    const std::string fqdn = call.fqdn;
    ActionRequest request{std::string(action_start), call.uuid, call.action, call.args};
    const bool sent = service.send(fqdn, action_runner_plugin, request_body(std::move(request)));
    if (sent) return;
    // Sending may have overflowed the queue and ended the session, and this call with it.
    const auto still = calls.find(id);
    if (still == calls.end()) return;
    still->second.session_id.clear();
    wait_for_session(id, still->second);
}

void ActionRpc::Impl::wait_for_session(CallId id, Call& call) {
    timeline.cancel(call.wait_timer);
    call.wait_timer = timeline.after(call.options.session_wait, [this, id] {
        const Call& waiting = calls.at(id);
        const std::string limit = seconds_text(waiting.options.session_wait);
        complete(
            id,
            Error{
                Errc::unreachable, "Could not contact server " + waiting.fqdn + " no session after " + limit}
        );
    });
}

void ActionRpc::Impl::cancel_on_agent(CallId id, Error error) {
    const Call& call = calls.at(id);
    const std::string fqdn = call.fqdn;
    ActionRequest request{std::string(action_cancel), call.uuid, std::nullopt, Json()};
    const bool asked = !call.session_id.empty();
    // The call first: telling the agent may end its session, which must not answer for this call.
    complete(id, std::move(error));
    if (!asked) return;
    remember_cancelled(request.id);
    service.send(fqdn, action_runner_plugin, request_body(std::move(request)));
}

void ActionRpc::Impl::deadline_passed(CallId id) {
    const Call& call = calls.at(id);
    const std::string limit = seconds_text(call.options.deadline);
    cancel_on_agent(
        id, {Errc::exhausted, call.action + " on " + call.fqdn + " did not complete within " + limit}
    );
}

void ActionRpc::Impl::complete(CallId id, Result<ActionResult> result) {
    const auto found = calls.find(id);
    if (found == calls.end()) return;
    Call call = std::move(found->second);
    calls.erase(found);
    by_uuid.erase(call.uuid);
    const auto host = by_host.find(call.fqdn);
    host->second.erase(id);
    if (host->second.empty()) by_host.erase(host);
    timeline.cancel(call.wait_timer);
    timeline.cancel(call.deadline_timer);
    later([done = std::move(call.done), result = std::move(result)]() mutable { done(std::move(result)); });
}

void ActionRpc::Impl::await(CallId id, Awaiting awaiting) {
    const auto session = sessions.find(awaiting.fqdn);
    const bool back = session != sessions.end() && awaiting.old_session != session->second;
    const Duration limit = awaiting.limit;
    awaitings.emplace(id, std::move(awaiting));
    if (back) return end_awaiting(id, Nothing{});
    awaitings.at(id).timer = timeline.after(limit, [this, id, limit] {
        const std::string who = awaitings.at(id).fqdn;
        end_awaiting(id, Error{Errc::unreachable, who + " did not come back within " + seconds_text(limit)});
    });
}

void ActionRpc::Impl::end_awaiting(CallId id, Result<Nothing> result) {
    const auto found = awaitings.find(id);
    if (found == awaitings.end()) return;
    Awaiting awaiting = std::move(found->second);
    awaitings.erase(found);
    timeline.cancel(awaiting.timer);
    later([done = std::move(awaiting.done), result = std::move(result)]() mutable { done(std::move(result)); }
    );
}

void ActionRpc::Impl::later(UniqueFunction<void()> action) {
    if (finished.empty()) finished_timer = timeline.after(Duration{}, [this] { run_finished(); });
    finished.push_back(std::move(action));
}

void ActionRpc::Impl::run_finished() {
    auto actions = std::exchange(finished, {});
    for (auto& action : actions) action();
}

void ActionRpc::Impl::remember_cancelled(const std::string& uuid) {
    const SimTime now = timeline.now();
    while (!cancelled.empty() && now - cancelled.front().first > options.cancelled_memory) {
        cancelled_uuids.erase(cancelled.front().second);
        cancelled.pop_front();
    }
    cancelled.emplace_back(now, uuid);
    cancelled_uuids.insert(uuid);
}

std::optional<ActionRpc::CallId> ActionRpc::Impl::find_call(std::string_view uuid) const {
    const auto found = by_uuid.find(uuid);
    return found == by_uuid.end() ? std::nullopt : std::optional(found->second);
}

std::vector<ActionRpc::CallId> ActionRpc::Impl::calls_of(std::string_view fqdn) const {
    const auto found = by_host.find(fqdn);
    if (found == by_host.end()) return {};
    return {found->second.begin(), found->second.end()};
}

ActionRpc::ActionRpc(Timeline& timeline, AgentService& service, Rng rng, ActionRpcOptions options)
    : impl_(std::make_unique<Impl>(timeline, service, rng, options)) {
    service.subscribe(action_runner_plugin, *this);
}

ActionRpc::~ActionRpc() = default;

ActionRpc::CallId ActionRpc::call(
    std::string fqdn, std::string action, Json args, CallOptions options, Done done
) {
    Impl& impl = *impl_;
    const CallId id = ++impl.last_id;
    const bool usable = args.is_object();
    Impl::Call call{
        impl.rng.uuid(),
        std::move(fqdn),
        std::move(action),
        std::move(args),
        std::move(options),
        std::move(done),
        {},
        {},
        {}};
    impl.by_uuid.emplace(call.uuid, id);
    impl.by_host[call.fqdn].insert(id);
    auto& kept = impl.calls.emplace(id, std::move(call)).first->second;
    if (!usable) {
        impl.complete(
            id, Error{Errc::bad_argument, "The arguments of " + kept.action + " must be an object"}
        );
        return id;
    }
    kept.deadline_timer =
        impl.timeline.after(kept.options.deadline, [&impl, id] { impl.deadline_passed(id); });
    impl.issue(id, kept);
    return id;
}

ActionRpc::CallId ActionRpc::call(std::string fqdn, std::string action, Json args, Done done) {
    return call(std::move(fqdn), std::move(action), std::move(args), CallOptions{}, std::move(done));
}

void ActionRpc::cancel(CallId id) {
    const Error cancelled{Errc::conflict, "cancelled"};
    if (impl_->calls.contains(id)) {
        impl_->cancel_on_agent(id, cancelled);
    } else {
        impl_->end_awaiting(id, cancelled);
    }
}

std::optional<std::string> ActionRpc::session(std::string_view fqdn) const {
    const auto found = impl_->sessions.find(fqdn);
    return found == impl_->sessions.end() ? std::nullopt : std::optional(found->second);
}

ActionRpc::CallId ActionRpc::await_other_session(
    std::string fqdn, std::optional<std::string> old_session, Duration limit,
    UniqueFunction<void(Result<Nothing>)> done
) {
    const CallId id = ++impl_->last_id;
    impl_->await(id, {std::move(fqdn), std::move(old_session), limit, std::move(done), {}});
    return id;
}

void ActionRpc::shutdown() {
    const Error error{Errc::conflict, "Cancelled due to service shutdown"};
    while (!impl_->calls.empty()) impl_->complete(impl_->calls.begin()->first, error);
    while (!impl_->awaitings.empty()) impl_->end_awaiting(impl_->awaitings.begin()->first, error);
}

std::size_t ActionRpc::outstanding() const {
    return impl_->calls.size();
}

}  // namespace csim
