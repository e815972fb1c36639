// XML-RPC 1.0 with the nil and i8 extensions: text to calls, results to text. Pure.
// Source: the XML-RPC specification. Integers that fit 32 bits are written as `int`, larger ones as `i8`.
#pragma once

#include "sim/control/rpc.hpp"

#include <string>
#include <string_view>

namespace csim {

/// Errors: bad_argument, with what is wrong and where. Documents with a DTD are refused, so no entity is ever
/// expanded.
Result<RpcCall> parse_xml_rpc(std::string_view body);
std::string xml_rpc_result(const Json& value);
std::string xml_rpc_fault(const RpcFault& fault);

/// For clients of the port: a call as text, and the value or the fault (as conflict) in a reply.
std::string xml_rpc_call(const RpcCall& call);
struct XmlRpcReply {
    Json value;
};
Result<XmlRpcReply> parse_xml_rpc_reply(std::string_view body);

}  // namespace csim
