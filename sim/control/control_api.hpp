// The control port without its sockets: HTTP bodies in, HTTP bodies out, operations in between.
#pragma once

#include "net/http.hpp"
#include "sim/control/operation.hpp"
#include "sim/control/traffic_meter.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace csim {

/// `POST /` and `POST /RPC2` speak XML-RPC, `POST /rpc` speaks JSON-RPC 2.0. What an operation changed is on
/// disk before its answer leaves. Introspection: system.listMethods, system.methodHelp,
/// system.methodSignature, on both.
class ControlApi {
  public:
    /// With a token, every request must carry `Authorization: Bearer <token>`. Without one, requests must
    /// come from programs on this machine: a Host that names anything but the loopback, or an Origin, is the
    /// sign of a web page that was led here, and refused.
    ControlApi(ControlScope scope, Documents& documents, std::string token = "");

    void handle(const HttpRequest& request, UniqueFunction<void(HttpReply)> done);
    /// One call, by position or by name.
    void call(const RpcCall& call, ControlDone done);

    struct Stats {
        std::uint64_t calls = 0;
        std::uint64_t failures = 0;
    };
    const Stats& stats() const { return stats_; }

  private:
    void handle_xml(const std::string& body, UniqueFunction<void(HttpReply)> done);
    void handle_json(const std::string& body, UniqueFunction<void(HttpReply)> done);
    /// Why the request is not served, if so.
    std::optional<HttpReply> objection(const HttpRequest& request) const;

    TrafficMeter traffic_;
    ControlScope scope_;
    Documents& documents_;
    std::string token_;
    Stats stats_;
};

}  // namespace csim
