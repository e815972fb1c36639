#include "sim/control/control_api.hpp"

#include "sim/control/introspection.hpp"
#include "sim/control/json_rpc.hpp"
#include "sim/control/loopback.hpp"
#include "sim/control/xml_rpc.hpp"

#include <memory>
#include <utility>

namespace csim {
namespace {

HttpReply answer(unsigned status, std::string type, std::string body) {
    return {.status = status, .headers = {{"Content-Type", std::move(type)}}, .body = std::move(body)};
}

HttpReply refuse(unsigned status, const std::string& sentence) {
    return answer(status, "text/plain; charset=utf-8", sentence + "\n");
}

int json_code(const Error& error, const std::string& method) {
    const bool known = find_operation(method) != nullptr || method.starts_with("system.");
    if (!known) return json_rpc_code::method_not_found;
    return error.code == Errc::bad_argument ? json_rpc_code::invalid_params : json_rpc_code::operation_failed;
}

/// Answers of a batch, gathered until the last one is there.
struct Gathering {
    JsonRpcRequest request;
    std::vector<Json> answers;
    std::size_t missing = 0;
    UniqueFunction<void(HttpReply)> done;

    void arrived() {
        if (--missing > 0) return;
        std::vector<Json> wanted;
        for (Json& each : answers) {
            if (!each.is_null()) wanted.push_back(std::move(each));
        }
        const std::string text = json_rpc_reply(request, wanted);
        done(
            text.empty() ? HttpReply{.status = 204, .headers = {}, .body = {}}
                         : answer(200, "application/json", text)
        );
    }
};

}  // namespace

ControlApi::ControlApi(ControlScope scope, Documents& documents, std::string token)
    : traffic_(scope.timeline, scope.network),
      scope_(std::move(scope)),
      documents_(documents),
      token_(std::move(token)) {
    scope_.traffic = &traffic_;
}

std::optional<HttpReply> ControlApi::objection(const HttpRequest& request) const {
    if (!token_.empty()) {
        const std::string* given = find_field(request.headers, "Authorization");
        if (given != nullptr && same_secret(*given, "Bearer " + token_)) return std::nullopt;
        return refuse(401, "This control port needs its token: Authorization: Bearer TOKEN.");
    }
    const std::string* host = find_field(request.headers, "Host");
    if (host != nullptr && !names_loopback(*host)) {
        return refuse(
            403, "Without a token this control port answers to localhost only, not to " + *host + "."
        );
    }
    if (find_field(request.headers, "Origin") != nullptr)
        return refuse(403, "Without a token this control port does not serve web pages.");
    return std::nullopt;
}

void ControlApi::handle(const HttpRequest& request, UniqueFunction<void(HttpReply)> done) {
    if (request.method != "POST") return done(refuse(405, "POST XML-RPC to /RPC2 or JSON-RPC 2.0 to /rpc."));
    if (auto why_not = objection(request)) return done(std::move(*why_not));
    if (request.target == "/rpc") return handle_json(request.body, std::move(done));
    if (request.target == "/" || request.target == "/RPC2") return handle_xml(request.body, std::move(done));
    done(refuse(404, "The control port has /RPC2 (XML-RPC) and /rpc (JSON-RPC 2.0)."));
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
    if (auto told = introspect(call)) return counted(std::move(*told));
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

void ControlApi::handle_xml(const std::string& body, UniqueFunction<void(HttpReply)> done) {
    const auto call_or = parse_xml_rpc(body);
    if (!call_or) return done(answer(200, "text/xml", xml_rpc_fault({1, call_or.error().detail})));
    call(*call_or, [done = std::move(done)](Result<Answer> result) mutable {
        done(answer(
            200, "text/xml",
            result.has_error() ? xml_rpc_fault({1, result.error().detail}) : xml_rpc_result(result->value)
        ));
    });
}

void ControlApi::handle_json(const std::string& body, UniqueFunction<void(HttpReply)> done) {
    auto gathering = std::make_shared<Gathering>();
    gathering->request = parse_json_rpc(body);
    gathering->missing = gathering->request.items.size();
    gathering->answers.resize(gathering->missing);
    gathering->done = std::move(done);
    // An answer may arrive inside the loop, and the last one ends the gathering: iterate over a copy.
    const auto items = gathering->request.items;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const JsonRpcItem& item = items[i];
        if (item.fault) {
            gathering->answers[i] = json_rpc_fault(item.id, *item.fault);
            gathering->arrived();
            continue;
        }
        call(
            item.call,
            [gathering, i, id = item.id, method = item.call.method,
             silent = item.notification](Result<Answer> result) {
                if (!silent) {
                    gathering->answers[i] =
                        result.has_error()
                            ? json_rpc_fault(id, {json_code(result.error(), method), result.error().detail})
                            : json_rpc_result(id, std::move(result->value));
                }
                gathering->arrived();
            }
        );
    }
}

}  // namespace csim
