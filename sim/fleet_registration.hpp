// Registers every node that is not registered yet, and starts the others: what `cluster-sim register` does.
#pragma once

#include "sim/cluster_simulator.hpp"
#include "sim/token_source.hpp"

#include <deque>
#include <functional>
#include <map>
#include <string>

namespace csim {

struct RegistrationSummary {
    std::size_t wanted = 0;               ///< nodes without a certificate at the start
    std::size_t registered = 0;           ///< of these, now with one
    std::map<std::string, Error> failed;  ///< by fqdn; nodes that were never tried are not in it
};

/// One run. Lives until `done` was called or it is destroyed; then nothing more happens.
class FleetRegistration {
  public:
    struct Peers {
        Timeline& timeline;
        ClusterSimulator& simulator;
        TokenSource* tokens = nullptr;  ///< null: `secrets` are given
        RegistrationSecrets secrets;
    };
    using Progress = std::function<void(std::size_t done, std::size_t total)>;

    FleetRegistration(Peers peers, Progress progress, UniqueFunction<void(RegistrationSummary)> done);

    /// Nodes are registered many at a time. A token that ran out is replaced, when there is a source of
    /// them, and the refused nodes are tried again; a given one cannot be, so after its first refusal no
    /// further node is tried, and those in flight are waited for. A manager that cannot be reached, or that
    /// is none, ends the run at once.
    void start();

  private:
    void round();
    void submit_some();
    void submit(const std::string& fqdn);
    void answered(const std::string& fqdn, Result<Registered> answer);
    void failed(const std::string& fqdn, const Error& error);
    void round_over();
    void finish();

    Peers peers_;
    Progress progress_;
    UniqueFunction<void(RegistrationSummary)> done_;
    RegistrationSummary summary_;
    std::deque<std::string> todo_;
    std::deque<std::string> again_;
    std::size_t outstanding_ = 0;
    bool submitting_ = false;
    int rounds_ = 0;
    bool finished_ = false;
};

}  // namespace csim
