#include "sim/control/rpc_port.hpp"

#include "sim/control/json_rpc.hpp"
#include "sim/control/loopback.hpp"
#include "sim/control/xml_rpc.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace csim {
namespace {

HttpReply answer(unsigned status, std::string type, std::string body) {
    return {.status = status, .headers = {{"Content-Type", std::move(type)}}, .body = std::move(body)};
}

HttpReply refuse(unsigned status, const std::string& sentence) {
    return answer(status, "text/plain; charset=utf-8", sentence + "\n");
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

RpcPort::RpcPort(std::string token, Call call) : token_(std::move(token)), call_(std::move(call)) {}

std::optional<HttpReply> RpcPort::objection(const HttpRequest& request) const {
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

void RpcPort::handle(const HttpRequest& request, UniqueFunction<void(HttpReply)> done) {
    if (request.method != "POST") return done(refuse(405, "POST XML-RPC to /RPC2 or JSON-RPC 2.0 to /rpc."));
    if (auto why_not = objection(request)) return done(std::move(*why_not));
    if (request.target == "/rpc") return handle_json(request.body, std::move(done));
    if (request.target == "/" || request.target == "/RPC2") return handle_xml(request.body, std::move(done));
    done(refuse(404, "The control port has /RPC2 (XML-RPC) and /rpc (JSON-RPC 2.0)."));
}

void RpcPort::handle_xml(const std::string& body, UniqueFunction<void(HttpReply)> done) {
    const auto call_or = parse_xml_rpc(body);
    if (!call_or) return done(answer(200, "text/xml", xml_rpc_fault({1, call_or.error().detail})));
    call_(*call_or, [done = std::move(done)](RpcOutcome outcome) mutable {
        done(answer(
            200, "text/xml", outcome.fault ? xml_rpc_fault(*outcome.fault) : xml_rpc_result(outcome.value)
        ));
    });
}

void RpcPort::handle_json(const std::string& body, UniqueFunction<void(HttpReply)> done) {
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
        call_(item.call, [gathering, i, id = item.id, silent = item.notification](RpcOutcome outcome) {
            if (!silent) {
                gathering->answers[i] = outcome.fault
                                            ? json_rpc_fault(id, {outcome.json_code, outcome.fault->text})
                                            : json_rpc_result(id, std::move(outcome.value));
            }
            gathering->arrived();
        });
    }
}

}  // namespace csim
