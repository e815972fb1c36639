// The control port without its sockets: HTTP bodies in, HTTP bodies out, operations in between.
#pragma once

#include "net/http.hpp"
#include "sim/control/introspection.hpp"
#include "sim/control/rpc_port.hpp"
#include "sim/control/traffic_meter.hpp"

#include <memory>
#include <string>

namespace csim {

/// Operations that another part of the program offers on the same port.
class AddedOperations {
  public:
    virtual ~AddedOperations() = default;
    virtual std::vector<OperationNote> notes() const = 0;
    /// Whether a method of this name is for run(), which then says what is wrong with it, if anything.
    virtual bool answers(const std::string& method) const = 0;
    /// `done` runs once, at once or later, on the world's thread.
    virtual void run(const RpcCall& call, RpcDone done) = 0;
};

/// What an operation changed is on disk before its answer leaves. Introspection: system.listMethods,
/// system.methodHelp, system.methodSignature.
class ControlApi {
  public:
    /// The token is that of RpcPort. `added` may be null.
    ControlApi(
        ControlScope scope, Documents& documents, std::string token = "",
        std::shared_ptr<AddedOperations> added = nullptr
    );

    void handle(const HttpRequest& request, UniqueFunction<void(HttpReply)> done);
    /// One call of the simulator's own operations, by position or by name.
    void call(const RpcCall& call, ControlDone done);

    struct Stats {
        std::uint64_t calls = 0;
        std::uint64_t failures = 0;
    };
    const Stats& stats() const { return stats_; }

  private:
    void answer(const RpcCall& call, RpcDone done);
    void run_added(const RpcCall& call, RpcDone done);

    TrafficMeter traffic_;
    ControlScope scope_;
    Documents& documents_;
    std::shared_ptr<AddedOperations> added_;
    std::vector<OperationNote> notes_;
    RpcPort port_;
    Stats stats_;
};

}  // namespace csim
