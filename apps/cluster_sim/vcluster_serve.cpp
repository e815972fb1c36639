// `cluster-sim vcluster serve`: the operations on virtual clusters as XML-RPC and JSON-RPC.
#include "apps/cluster_sim/control_token.hpp"
#include "apps/cluster_sim/vcluster_options.hpp"
#include "apps/shell/ready_file.hpp"
#include "apps/shell/stop_signals.hpp"
#include "core/event_loop.hpp"
#include "net/http_server.hpp"
#include "runtime/namespaces/crew.hpp"
#include "sim/control/json_rpc.hpp"
#include "sim/control/loopback.hpp"
#include "sim/control/xml_rpc.hpp"
#include "vcluster/operations.hpp"

#include <iostream>

namespace csim {
namespace {

/// What a call gave: a value, or a fault with the status that the command would have ended with.
struct Outcome {
    Json value;
    std::optional<RpcFault> fault;
};

Json strings(const std::vector<const ClusterOperation*>& all) {
    Json names = Json::array({"system.listMethods", "system.methodHelp", "system.methodSignature"});
    for (const ClusterOperation* each : all) names.push_back(each->name);
    return names;
}

Outcome introspect(const RpcCall& call) {
    const auto all = all_cluster_operations();
    if (call.method == "system.listMethods") return {strings(all), {}};
    const std::string wanted = call.params.is_array() && call.params.size() == 1 && call.params[0].is_string()
                                   ? call.params[0].get<std::string>()
                                   : "";
    for (const ClusterOperation* each : all) {
        if (each->name != wanted) continue;
        if (call.method == "system.methodHelp") return {std::string(each->help), {}};
        Json signature = Json::array({std::string(each->result)});
        for (const ClusterParameter& parameter : each->parameters)
            signature.push_back(std::string(parameter.type == "any" ? "struct" : parameter.type));
        return {Json::array({signature}), {}};
    }
    return {{}, RpcFault{2, "there is no operation '" + wanted + "'"}};
}

Outcome perform(const ClusterStore& store, const RpcCall& call) {
    if (call.method.starts_with("system.")) return introspect(call);
    try {
        return {call_cluster_operation(store, call.method, call.params).value, {}};
    } catch (const Fatal& failure) {
        return {{}, RpcFault{failure.status, failure.what()}};
    } catch (const std::exception& failure) {
        return {{}, RpcFault{1, failure.what()}};
    }
}

std::string xml_answer(const ClusterStore& store, const std::string& body) {
    const auto call = parse_xml_rpc(body);
    if (!call) return xml_rpc_fault({2, call.error().detail});
    const Outcome outcome = perform(store, *call);
    return outcome.fault ? xml_rpc_fault(*outcome.fault) : xml_rpc_result(outcome.value);
}

std::string json_answer(const ClusterStore& store, const std::string& body) {
    const JsonRpcRequest request = parse_json_rpc(body);
    std::vector<Json> answers;
    for (const JsonRpcItem& item : request.items) {
        if (item.fault) {
            answers.push_back(json_rpc_fault(item.id, *item.fault));
            continue;
        }
        Outcome outcome = perform(store, item.call);
        if (item.notification) continue;
        answers.push_back(
            outcome.fault ? json_rpc_fault(item.id, *outcome.fault)
                          : json_rpc_result(item.id, std::move(outcome.value))
        );
    }
    return json_rpc_reply(request, answers);
}

HttpReply reply(unsigned status, const std::string& type, std::string body) {
    return {.status = status, .headers = {{"Content-Type", type}}, .body = std::move(body)};
}

std::optional<HttpReply> objection(const HttpRequest& request, const std::string& token) {
    const auto refuse = [](unsigned status, const std::string& sentence) {
        return reply(status, "text/plain; charset=utf-8", sentence + "\n");
    };
    if (request.method != "POST") return refuse(405, "POST XML-RPC to /RPC2 or JSON-RPC 2.0 to /rpc.");
    if (!token.empty()) {
        const std::string* given = find_field(request.headers, "Authorization");
        if (given != nullptr && same_secret(*given, "Bearer " + token)) return std::nullopt;
        return refuse(401, "This port needs its token: Authorization: Bearer TOKEN.");
    }
    const std::string* host = find_field(request.headers, "Host");
    if (host != nullptr && !names_loopback(*host))
        return refuse(403, "Without a token this port answers to localhost only, not to " + *host + ".");
    if (find_field(request.headers, "Origin") != nullptr)
        return refuse(403, "Without a token this port does not serve web pages.");
    return std::nullopt;
}

}  // namespace

int vcluster_serve(const VclusterOptions& o) {
    const std::string token = read_control_token(o.control_token, "");
    if (token.empty() && !is_loopback(o.address))
        throw Fatal("listening on " + o.address + " needs a --control_token", 2);
    const ClusterStore store;
    Timeline timeline(wall_now());
    EventLoop loop(timeline, Pace::realtime());
    // Operations wait for real things, so each has a thread; those on one cluster wait for each other by its
    // lock.
    Crew workers(16);
    HttpServerOptions options;
    options.address = o.address;
    options.port = static_cast<std::uint16_t>(o.port);
    options.body_bytes_max = rpc_bytes_max;
    HttpServer server(loop, std::move(options), [&](HttpRequest request, const Peer&, Responder responder) {
        if (auto why_not = objection(request, token)) return responder.reply(std::move(*why_not));
        const bool xml = request.target == "/" || request.target == "/RPC2";
        if (!xml && request.target != "/rpc")
            return responder.reply(
                reply(404, "text/plain", "This port has /RPC2 (XML-RPC) and /rpc (JSON-RPC 2.0).\n")
            );
        workers.run([&store, xml, body = std::move(request.body),
                     responder = std::move(responder)](std::size_t) mutable {
            if (xml) return responder.reply(reply(200, "text/xml", xml_answer(store, body)));
            std::string text = json_answer(store, body);
            const unsigned status = text.empty() ? 204 : 200;
            responder.reply(reply(status, "application/json", std::move(text)));
        });
    });
    shell::StopSignals signals(loop.io(), [&loop] { loop.stop(); });
    shell::announce_ready(
        "http://" + std::string(o.address == "0.0.0.0" ? "127.0.0.1" : o.address) + ":" +
            std::to_string(server.port()),
        o.path
    );
    loop.run();
    workers.end();
    return shell::StopSignals::exit_status(0);
}

}  // namespace csim
