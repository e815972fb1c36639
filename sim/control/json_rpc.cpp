#include "sim/control/json_rpc.hpp"

#include "core/json_codec.hpp"

namespace csim {
namespace {

constexpr std::size_t batch_max = 1'000;

JsonRpcItem faulty(int code, std::string text, Json id = nullptr) {
    JsonRpcItem item;
    item.id = std::move(id);
    item.fault = RpcFault{code, std::move(text)};
    return item;
}

bool usable_id(const Json& id) {
    return id.is_string() || id.is_number() || id.is_null();
}

JsonRpcItem read_item(const Json& json) {
    if (!json.is_object()) return faulty(json_rpc_code::invalid_request, "a call must be an object");
    const bool has_id = json.contains("id");
    const Json id = has_id ? json["id"] : Json(nullptr);
    if (!usable_id(id))
        return faulty(json_rpc_code::invalid_request, "/id: expected a string, a number or null");
    if (json.value("jsonrpc", Json()) != "2.0")
        return faulty(json_rpc_code::invalid_request, "/jsonrpc: expected \"2.0\"", id);
    const Json method = json.value("method", Json());
    if (!method.is_string()) return faulty(json_rpc_code::invalid_request, "/method: expected a string", id);
    const Json params = json.value("params", Json::array());
    if (!params.is_structured())
        return faulty(json_rpc_code::invalid_request, "/params: expected an array or an object", id);
    JsonRpcItem item;
    item.call = RpcCall{method.get<std::string>(), params};
    item.id = id;
    item.notification = !has_id;
    return item;
}

}  // namespace

JsonRpcRequest parse_json_rpc(std::string_view body) {
    JsonRpcRequest request;
    if (body.size() > rpc_bytes_max) {
        request.items.push_back(faulty(json_rpc_code::invalid_request, "the request is larger than 16 MiB"));
        return request;
    }
    auto json = parse_json(body, rpc_depth_max);
    if (!json.has_value()) {
        request.items.push_back(faulty(json_rpc_code::parse_error, json.error().detail));
        return request;
    }
    if (!json->is_array()) {
        request.items.push_back(read_item(*json));
        return request;
    }
    if (json->empty() || json->size() > batch_max) {
        request.items.push_back(
            faulty(json_rpc_code::invalid_request, "a batch holds between 1 and 1000 calls")
        );
        return request;
    }
    request.batch = true;
    for (const Json& each : *json) request.items.push_back(read_item(each));
    return request;
}

Json json_rpc_result(const Json& id, Json value) {
    return Json{{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(value)}};
}

Json json_rpc_fault(const Json& id, const RpcFault& fault) {
    return Json{{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", fault.code}, {"message", fault.text}}}};
}

std::string json_rpc_reply(const JsonRpcRequest& request, const std::vector<Json>& answers) {
    if (answers.empty()) return "";
    const auto text = [](const Json& json) {
        return json.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
    };
    return request.batch ? text(Json(answers)) : text(answers.front());
}

}  // namespace csim
