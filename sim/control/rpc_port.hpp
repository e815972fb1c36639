// Calls over HTTP, whoever answers them: XML-RPC and JSON-RPC 2.0, without sockets.
#pragma once

#include "core/unique_function.hpp"
#include "net/http.hpp"
#include "sim/control/rpc.hpp"

#include <functional>
#include <optional>
#include <string>

namespace csim {

/// What a call gave: a value, or why it gave none.
struct RpcOutcome {
    Json value;
    std::optional<RpcFault> fault;  ///< its code is that of XML-RPC
    int json_code = 0;              ///< of the fault in JSON-RPC
};

using RpcDone = UniqueFunction<void(RpcOutcome)>;

/// `POST /` and `POST /RPC2` speak XML-RPC, `POST /rpc` speaks JSON-RPC 2.0, batches and notifications
/// included.
class RpcPort {
  public:
    /// Answers a call, at once or later, on the thread of handle().
    using Call = std::function<void(const RpcCall& call, RpcDone done)>;

    /// With a token, every request must carry `Authorization: Bearer <token>`. Without one, requests must
    /// come from programs on this machine: a Host that names anything but the loopback, or an Origin, is the
    /// sign of a web page that was led here, and refused.
    RpcPort(std::string token, Call call);

    /// `done` runs once, at once or later. The port must outlive it.
    void handle(const HttpRequest& request, UniqueFunction<void(HttpReply)> done);

  private:
    void handle_xml(const std::string& body, UniqueFunction<void(HttpReply)> done);
    void handle_json(const std::string& body, UniqueFunction<void(HttpReply)> done);
    /// Why the request is not served, if so.
    std::optional<HttpReply> objection(const HttpRequest& request) const;

    std::string token_;
    Call call_;
};

}  // namespace csim
