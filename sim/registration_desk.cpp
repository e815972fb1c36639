#include "sim/registration_desk.hpp"

#include <algorithm>
#include <utility>

namespace csim {

struct RegistrationDesk::Job {
    Registrant registrant;
    std::function<std::string()> secret;
    Done done;
    std::string csr_pem;
    int attempts = 0;
    SimTime begun;  ///< the first attempt
    Duration pause{};
    std::uint64_t epoch = 0;
    std::weak_ptr<std::uint64_t> desk;
};

RegistrationDesk::RegistrationDesk(Peers peers, RegistrationOptions options)
    : peers_(peers),
      options_(options),
      signing_(peers_.timeline),
      epoch_(std::make_shared<std::uint64_t>(1)) {}

RegistrationDesk::~RegistrationDesk() = default;

void RegistrationDesk::submit(Registrant registrant, std::function<std::string()> secret, Done done) {
    const std::string fqdn = registrant.fqdn;
    if (jobs_.contains(fqdn)) return done(Error{Errc::conflict, fqdn + " is being registered already"});
    auto job = std::make_shared<Job>();
    job->registrant = std::move(registrant);
    job->secret = std::move(secret);
    job->done = std::move(done);
    job->pause = options_.first_pause;
    job->epoch = *epoch_;
    job->desk = epoch_;
    jobs_[fqdn] = job;
    waiting_.push_back(std::move(job));
    next();
}

void RegistrationDesk::abandon() {
    ++*epoch_;
    waiting_.clear();
    jobs_.clear();
    in_flight_ = 0;
}

void RegistrationDesk::forget(const std::string& fqdn) {
    auto found = jobs_.extract(fqdn);
    if (found.empty()) return;
    const JobPtr job = std::move(found.mapped());
    if (std::erase(waiting_, job) == 0) --in_flight_;
    job->epoch = 0;  // no epoch of any desk
    job->done(Error{Errc::conflict, fqdn + " was removed while it was being registered"});
    next();
}

/// False once the desk was destroyed or the job abandoned. Reads no member of the desk before it knows
/// better.
bool RegistrationDesk::current(const JobPtr& job) const {
    const auto epoch = job->desk.lock();
    return epoch != nullptr && *epoch == job->epoch;
}

void RegistrationDesk::next() {
    while (in_flight_ < options_.in_flight_max && !waiting_.empty()) {
        JobPtr job = std::move(waiting_.front());
        waiting_.pop_front();
        ++in_flight_;
        prepare(job);
    }
}

void RegistrationDesk::prepare(const JobPtr& job) {
    const std::string& fqdn = job->registrant.fqdn;
    if (!peers_.credentials.key(fqdn)) return make_key(job);
    // Signing takes a while: no two signatures without a breath for others.
    signing_.add([this, job] {
        if (!current(job)) return false;
        const auto key = peers_.credentials.key(job->registrant.fqdn);
        auto csr = key ? peers_.keys.make_request(job->registrant.fqdn, *key) : Result<std::string>(Error{});
        if (!csr) return make_key(job), false;
        job->csr_pem = std::move(*csr);
        return attempt(job), false;
    });
}

void RegistrationDesk::make_key(const JobPtr& job) {
    const std::string& fqdn = job->registrant.fqdn;
    peers_.keys.make(fqdn, options_.key_kind, [this, job](Result<Identity> identity) {
        if (current(job)) have_identity(job, std::move(identity));
    });
}

void RegistrationDesk::have_identity(const JobPtr& job, Result<Identity> identity) {
    if (!identity) return finish(job, identity.error());
    job->csr_pem = identity->csr_pem;
    peers_.credentials.put_key(job->registrant.fqdn, identity->key_pem);
    peers_.documents.when_durable([this, job] {
        if (current(job)) attempt(job);
    });
}

void RegistrationDesk::attempt(const JobPtr& job) {
    if (++job->attempts == 1) job->begun = peers_.timeline.now();
    register_host(
        peers_.transport, job->secret(), job->registrant, job->csr_pem,
        [this, job](Result<Registered> answer) {
            if (current(job)) answered(job, std::move(answer));
        }
    );
}

void RegistrationDesk::answered(const JobPtr& job, Result<Registered> answer) {
    if (!answer) {
        const bool again = answer.error().code == Errc::unreachable &&
                           job->attempts < options_.attempts_max &&
                           peers_.timeline.now() - job->begun < options_.patience;
        return again ? retry(job) : finish(job, answer.error());
    }
    peers_.credentials.put_certificate(job->registrant.fqdn, answer->certificate);
    peers_.certified(job->registrant.fqdn);
    peers_.documents.when_durable([this, job, answer = std::move(*answer)]() mutable {
        if (current(job)) finish(job, std::move(answer));
    });
}

void RegistrationDesk::retry(const JobPtr& job) {
    peers_.timeline.after(job->pause, [this, job] {
        if (current(job)) attempt(job);
    });
    job->pause = std::min(job->pause * 2, options_.longest_pause);
}

void RegistrationDesk::finish(const JobPtr& job, Result<Registered> answer) {
    --in_flight_;
    jobs_.erase(job->registrant.fqdn);
    job->done(std::move(answer));
    if (current(job)) next();
}

}  // namespace csim
