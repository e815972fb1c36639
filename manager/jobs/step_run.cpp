// The conversation of a step with agents.
#include "manager/jobs/step_run.hpp"

#include <nlohmann/json.hpp>

namespace csim {
namespace {

// How long a server that is being set up may be away.
constexpr Duration away_max = std::chrono::minutes(5);

}  // namespace

StepRun::~StepRun() {
    abandon();
}

void StepRun::attempt(
    const std::string& fqdn, const std::string& action, Json args, std::function<void(Result<Answer>)> then
) {
    ask(std::make_shared<Asked>(Asked{fqdn, action, std::move(args), std::move(then), std::nullopt}));
}

void StepRun::ask(const std::shared_ptr<Asked>& asked) {
    CallOptions options;
    options.subprocesses = [weak = weak_from_this()](const std::vector<Subprocess>& subprocesses) {
        if (auto self = weak.lock(); self && !self->over_) self->console_(console_text(subprocesses));
    };
    auto id = std::make_shared<ActionRpc::CallId>(0);
    auto done = [weak = weak_from_this(), id, asked](Result<ActionResult> result) {
        auto self = weak.lock();
        if (!self || self->over_) return;
        self->calls_.erase(*id);
        self->answered(asked, std::move(result));
    };
    *id = services_.rpc.call(asked->fqdn, asked->action, asked->args, std::move(options), std::move(done));
    calls_.insert(*id);
}

void StepRun::answered(const std::shared_ptr<Asked>& asked, Result<ActionResult> result) {
    if (result) return asked->then(Answer{std::move(result->value)});
    if (result.error().code != Errc::unreachable || !waits_for(*asked)) return asked->then(result.error());
    // The call itself waits a while for a session.
    ask(asked);
}

bool StepRun::waits_for(Asked& asked) {
    const HostRow* host = model().host_by_fqdn(asked.fqdn);
    if (host == nullptr || job_.new_state == "removed") return false;
    const std::string& state = host->status.state;
    if (state != "unconfigured" && state != "packages_installed") return false;
    const SimTime now = model().now();
    if (!asked.away_since) asked.away_since = now;
    return now - *asked.away_since < away_max;
}

void StepRun::raw(const std::string& fqdn, const std::string& action, Json args, Then then) {
    attempt(fqdn, action, std::move(args), [this, then = std::move(then)](Result<Answer> answer) {
        if (!answer) return fail(answer.error().detail);
        then(answer->value);
    });
}

void StepRun::checked(const std::string& fqdn, const std::string& action, Json args, Then then) {
    raw(fqdn, action, std::move(args), [this, then = std::move(then)](const Json& value) {
        if (value.is_null()) return then(value);
        auto unwrapped = unwrap(ActionResult{value, {}});
        if (!unwrapped) return fail(unwrapped.error().detail);
        then(unwrapped->value);
    });
}

void StepRun::await_other_session(
    const std::string& fqdn, std::optional<std::string> old_session, Duration limit,
    std::function<void()> then
) {
    auto id = std::make_shared<ActionRpc::CallId>(0);
    auto done = [weak = weak_from_this(), id, then = std::move(then)](Result<Nothing> result) {
        auto self = weak.lock();
        if (!self || self->over_) return;
        self->calls_.erase(*id);
        if (!result) return self->fail(result.error().detail);
        then();
    };
    *id = services_.rpc.await_other_session(fqdn, std::move(old_session), limit, std::move(done));
    calls_.insert(*id);
}

void StepRun::take_turn(const std::string& key, std::function<void()> then) {
    services_.turns.take(key, [weak = weak_from_this(), then = std::move(then)](Turns::Turn turn) {
        auto self = weak.lock();
        if (!self || self->over_) return;
        self->turns_.push_back(std::move(turn));
        then();
    });
}

void StepRun::succeed() {
    finish(true, {});
}

void StepRun::succeed_with(const Json& result) {
    finish(true, result.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void StepRun::fail(std::string text) {
    finish(false, std::move(text));
}

void StepRun::finish(bool succeeded, std::string text) {
    if (over_) return;
    auto keep = shared_from_this();
    auto end = std::move(end_);
    abandon();
    end(succeeded, std::move(text));
}

void StepRun::abandon() {
    if (over_) return;
    over_ = true;
    for (ActionRpc::CallId call : std::exchange(calls_, {})) services_.rpc.cancel(call);
    turns_.clear();
}

}  // namespace csim
