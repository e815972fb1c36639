// `cluster-sim vcluster serve`: the operations on virtual clusters, on a port of their own.
#include "apps/cluster_sim/control_token.hpp"
#include "apps/cluster_sim/vcluster_guard.hpp"
#include "apps/cluster_sim/vcluster_options.hpp"
#include "apps/cluster_sim/vcluster_port.hpp"
#include "apps/shell/ready_file.hpp"
#include "apps/shell/stop_signals.hpp"
#include "net/http_server.hpp"
#include "sim/control/loopback.hpp"

#include <memory>
#include <optional>

namespace csim {
namespace {

/// Introspection for a port that has nothing but these operations.
std::optional<RpcOutcome> told_of(const RpcCall& call, const std::vector<OperationNote>& notes) {
    const auto told = introspect(call, notes);
    if (!told && find_note(notes, call.method) != nullptr) return std::nullopt;
    constexpr int invalid = 2;
    if (!told) {
        const std::string sentence =
            "there is no operation '" + call.method + "'; system.listMethods lists them";
        return RpcOutcome{Json(), RpcFault{invalid, sentence}, invalid};
    }
    if (told->has_error()) return RpcOutcome{Json(), RpcFault{invalid, told->error().detail}, invalid};
    return RpcOutcome{(*told)->value, std::nullopt, 0};
}

}  // namespace

int vcluster_serve(const VclusterOptions& o) {
    const std::string token = read_control_token(o.control_token, "");
    if (token.empty() && !is_loopback(o.address))
        throw Fatal("listening on " + o.address + " needs a --control_token", 2);
    Timeline timeline(wall_now());
    EventLoop loop(timeline, Pace::realtime());
    std::optional<ClusterGuard> guard;
    if (o.guard) guard.emplace(loop.io(), [&loop] { loop.stop(); });
    // Whoever starts this server by name wants just that; docs/vcluster.md says what it means.
    ClusterOperationsPort operations(loop, true);
    const auto notes = operations.notes();
    RpcPort port(token, [&](const RpcCall& call, RpcDone done) {
        if (auto told = told_of(call, notes)) return done(std::move(*told));
        operations.run(call, guard ? guard->watched(call, std::move(done)) : std::move(done));
    });
    HttpServerOptions options;
    options.address = o.address;
    options.port = static_cast<std::uint16_t>(o.port);
    options.body_bytes_max = rpc_bytes_max;
    HttpServer server(loop, std::move(options), [&](HttpRequest request, const Peer&, Responder responder) {
        auto held = std::make_shared<Responder>(std::move(responder));
        port.handle(request, [held](HttpReply reply) { held->reply(std::move(reply)); });
    });
    shell::StopSignals signals(loop.io(), [&] { guard ? guard->end() : loop.stop(); });
    shell::announce_ready(
        "http://" + std::string(o.address == "0.0.0.0" ? "127.0.0.1" : o.address) + ":" +
            std::to_string(server.port()),
        o.path
    );
    loop.run();
    return shell::StopSignals::exit_status(guard ? guard->remove_all(ClusterStore()) : 0);
}

}  // namespace csim
