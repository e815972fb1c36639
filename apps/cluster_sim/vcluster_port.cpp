#include "apps/cluster_sim/vcluster_port.hpp"

#include "vcluster/operations.hpp"

namespace csim {
namespace {

/// A fault with the status that the command would have ended with.
RpcOutcome fault(int status, const std::string& sentence) {
    return {Json(), RpcFault{status, sentence}, status};
}

RpcOutcome perform(const ClusterStore& store, const RpcCall& call) {
    try {
        return {call_cluster_operation(store, call.method, call.params).value, std::nullopt, 0};
    } catch (const Fatal& failure) {
        return fault(failure.status, failure.what());
    } catch (const std::exception& failure) {
        return fault(1, failure.what());
    }
}

}  // namespace

std::vector<OperationNote> cluster_operation_notes() {
    // Views into the table, which lives as long as the program.
    std::vector<OperationNote> notes;
    for (const ClusterOperation* each : all_cluster_operations()) {
        const auto kind = each->query ? OperationKind::query : OperationKind::change;
        OperationNote note{each->name, each->result, each->help, kind, {}};
        for (const ClusterParameter& parameter : each->parameters)
            note.parameters.push_back({parameter.name, parameter.type, parameter.optional});
        notes.push_back(std::move(note));
    }
    return notes;
}

void ClusterOperationsPort::run(const RpcCall& call, RpcDone done) {
    workers_.run([this, call, done = std::move(done)](std::size_t) mutable {
        inbox_.post([outcome = perform(store_, call), done = std::move(done)]() mutable {
            done(std::move(outcome));
        });
    });
}

}  // namespace csim
