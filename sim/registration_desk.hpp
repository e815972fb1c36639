// Registers nodes with the manager, many at a time: key, request, certificate, each step durable before the
// next.
#pragma once

#include "agent_proto/key_maker.hpp"
#include "agent_proto/registration.hpp"
#include "core/timeline.hpp"
#include "sim/credential_store.hpp"
#include "sim/sliced_work.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace csim {

struct RegistrationOptions {
    KeyKind key_kind = KeyKind::p256;
    std::size_t in_flight_max = 64;  ///< requests at the manager at once
    int attempts_max = 8;            ///< of one node, while the manager cannot be reached
    Duration patience = 60s;         ///< no further attempt this long after the first one
    Duration first_pause = 500ms;    ///< between attempts; doubled each time, up to longest_pause
    Duration longest_pause = 5s;
};

/// A key that was made is kept even when the registration fails, and used again by the next attempt: a
/// manager that registered the node, but whose answer was lost, recognises it. Everything on the world's
/// thread.
class RegistrationDesk {
  public:
    using Done = UniqueFunction<void(Result<Registered>)>;
    struct Peers {
        Timeline& timeline;
        Documents& documents;
        CredentialStore& credentials;
        RegistrationTransport& transport;
        IdentitySource& keys;
        /// The node has its certificate now. What this changes becomes durable together with the certificate.
        std::function<void(const std::string& fqdn)> certified;
    };

    RegistrationDesk(Peers peers, RegistrationOptions options);
    ~RegistrationDesk();

    /// `secret` is asked for just before each attempt. `done` runs once, when the certificate is durable or
    /// the node has failed: with unreachable after the last attempt, at once for everything that repeating
    /// cannot help, and for a node that is being registered already (conflict).
    void submit(Registrant registrant, std::function<std::string()> secret, Done done);
    /// Nodes submitted and not finished.
    std::size_t pending() const { return waiting_.size() + in_flight_; }
    /// Forgets everything submitted; nothing of it is done any more. Keys and certificates so far are kept.
    void abandon();
    /// The node is no more: its registration fails with conflict, and nothing of it is kept from now on.
    void forget(const std::string& fqdn);

  private:
    struct Job;
    using JobPtr = std::shared_ptr<Job>;

    void next();
    void prepare(const JobPtr& job);
    void make_key(const JobPtr& job);
    void have_identity(const JobPtr& job, Result<Identity> identity);
    void attempt(const JobPtr& job);
    void answered(const JobPtr& job, Result<Registered> answer);
    void retry(const JobPtr& job);
    void finish(const JobPtr& job, Result<Registered> answer);
    bool current(const JobPtr& job) const;

    Peers peers_;
    RegistrationOptions options_;
    SlicedWork signing_;
    std::deque<JobPtr> waiting_;
    std::map<std::string, JobPtr> jobs_;  ///< waiting or in flight, by fqdn
    std::size_t in_flight_ = 0;
    std::shared_ptr<std::uint64_t> epoch_;  ///< raised by abandon(); callbacks of an earlier one are ignored
};

}  // namespace csim
