// A call of a control operation, whatever text it came in. No sockets here.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace csim {

/// A request as decoded: a method and its parameters, by position (array) or by name (object).
struct RpcCall {
    std::string method;
    Json params = Json::array();
};

/// What an operation answers. (A bare Json would make Result<Json> ambiguous: it converts from anything.)
struct Answer {
    Json value;
};

/// Why a call failed, as the caller is told.
struct RpcFault {
    int code =
        1;  ///< XML-RPC: 1 for every failure of an operation, as the original; JSON-RPC: its standard codes
    std::string text;
};

/// Limits on what callers may send.
constexpr std::size_t rpc_bytes_max = 16u << 20;
constexpr int rpc_depth_max = 32;

}  // namespace csim
