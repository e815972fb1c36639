// Operations on virtual clusters for a control port, whichever program it belongs to.
#pragma once

#include "core/event_loop.hpp"
#include "runtime/namespaces/crew.hpp"
#include "sim/control/control_api.hpp"
#include "vcluster/store.hpp"

namespace csim {

/// What callers are told of them, in order of name.
std::vector<OperationNote> cluster_operation_notes();

/// Operations wait for real things, so each has a thread; those on one cluster wait for each other by its
/// lock. Answers come through the inbox. The end waits for what has begun.
class ClusterOperationsPort final : public AddedOperations {
  public:
    /// Whose callers have shown no token runs nothing outside the simulation.
    ClusterOperationsPort(Inbox& inbox, bool trusted) : inbox_(inbox) {
        if (!trusted) store_.only_simulated();
    }

    std::vector<OperationNote> notes() const override { return cluster_operation_notes(); }
    bool answers(const std::string& method) const override { return method.starts_with("vcluster."); }
    void run(const RpcCall& call, RpcDone done) override;

  private:
    Inbox& inbox_;
    ClusterStore store_;
    Crew workers_{16};
};

}  // namespace csim
