#include "sim/control/control_api.hpp"

#include "sim/control/json_rpc.hpp"

#include <utility>

namespace csim {
namespace {

RpcOutcome outcome_of(Result<Answer>& result, bool known) {
    if (!result.has_error()) return {std::move(result->value), std::nullopt, 0};
    const Error& error = result.error();
    const int code = !known                             ? json_rpc_code::method_not_found
                     : error.code == Errc::bad_argument ? json_rpc_code::invalid_params
                                                        : json_rpc_code::operation_failed;
    return {Json(), RpcFault{1, error.detail}, code};
}

}  // namespace

ControlApi::ControlApi(
    ControlScope scope, Documents& documents, std::string token, std::shared_ptr<AddedOperations> added
)
    : traffic_(scope.timeline, scope.network),
      scope_(std::move(scope)),
      documents_(documents),
      added_(std::move(added)),
      notes_(operation_notes()),
      port_(std::move(token), [this](const RpcCall& call, RpcDone done) { answer(call, std::move(done)); }) {
    scope_.traffic = &traffic_;
    if (!added_) return;
    for (OperationNote& each : added_->notes()) notes_.push_back(std::move(each));
}

void ControlApi::handle(const HttpRequest& request, UniqueFunction<void(HttpReply)> done) {
    port_.handle(request, std::move(done));
}

void ControlApi::answer(const RpcCall& call, RpcDone done) {
    if (added_ && added_->answers(call.method)) return run_added(call, std::move(done));
    const bool known = find_operation(call.method) != nullptr || call.method.starts_with("system.");
    this->call(call, [known, done = std::move(done)](Result<Answer> result) mutable {
        done(outcome_of(result, known));
    });
}

void ControlApi::run_added(const RpcCall& call, RpcDone done) {
    ++stats_.calls;
    added_->run(call, [this, done = std::move(done)](RpcOutcome outcome) mutable {
        if (outcome.fault) ++stats_.failures;
        done(std::move(outcome));
    });
}

void ControlApi::call(const RpcCall& call, ControlDone done) {
    ++stats_.calls;
    auto counted = [this, done = std::move(done)](Result<Answer> result) mutable {
        if (result.has_error()) {
            ++stats_.failures;
            return done(std::move(result));
        }
        documents_.when_durable([done = std::move(done), result = std::move(result)]() mutable {
            done(std::move(result));
        });
    };
    if (auto told = introspect(call, notes_)) return counted(std::move(*told));
    const Operation* const found = find_operation(call.method);
    if (found == nullptr) {
        return counted(Error{
            Errc::not_found, "there is no operation '" + call.method + "'; system.listMethods lists them"});
    }
    auto named =
        call.params.is_array() ? name_arguments(*found, call.params) : Result<Answer>(Answer{call.params});
    if (named.has_error()) return counted(named.error());
    found->run(scope_, named->value, std::move(counted));
}

}  // namespace csim
