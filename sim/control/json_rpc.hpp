// JSON-RPC 2.0: single calls, notifications and batches. Pure.
// Source: the JSON-RPC 2.0 specification, §4 to §6.
#pragma once

#include "sim/control/rpc.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// Codes that the specification reserves; failures of operations use operation_failed.
namespace json_rpc_code {
constexpr int parse_error = -32700;
constexpr int invalid_request = -32600;
constexpr int method_not_found = -32601;
constexpr int invalid_params = -32602;
constexpr int operation_failed = -32000;
}  // namespace json_rpc_code

/// One call of a request. `fault` is set when it is not a call at all: it is answered without being made.
struct JsonRpcItem {
    RpcCall call;
    Json id;                    ///< null when absent or unusable
    bool notification = false;  ///< no answer is wanted
    std::optional<RpcFault> fault;
};

struct JsonRpcRequest {
    std::vector<JsonRpcItem> items;
    bool batch = false;
};

/// Never fails: what cannot be understood becomes an item with a fault.
JsonRpcRequest parse_json_rpc(std::string_view body);

Json json_rpc_result(const Json& id, Json value);
Json json_rpc_fault(const Json& id, const RpcFault& fault);
/// The reply's text. Empty when nothing is to be answered.
std::string json_rpc_reply(const JsonRpcRequest& request, const std::vector<Json>& answers);

}  // namespace csim
