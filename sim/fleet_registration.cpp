#include "sim/fleet_registration.hpp"

#include <algorithm>
#include <utility>

namespace csim {
namespace {

constexpr const char* server_profile = "base_managed_rh7";
constexpr const char* worker_profile = "posix_copytool_worker";
constexpr int rounds_max = 3;
// As many as a desk has in flight by itself; more would only wait there.
constexpr std::size_t outstanding_max = 64;
constexpr Duration token_lifetime_min = 60s;
constexpr Duration token_lifetime_per_node = 100ms;

TokenRequest token_for(const char* profile, std::size_t nodes, std::size_t all) {
    return {
        .profile = profile,
        .credits = static_cast<std::int64_t>(nodes),
        .lifetime = token_lifetime_min + token_lifetime_per_node * static_cast<std::int64_t>(all)};
}

}  // namespace

FleetRegistration::FleetRegistration(
    Peers peers, Progress progress, UniqueFunction<void(RegistrationSummary)> done
)
    : peers_(std::move(peers)), progress_(std::move(progress)), done_(std::move(done)) {}

void FleetRegistration::start() {
    for (const FakeServer* node : peers_.simulator.world().nodes()) {
        if (!peers_.simulator.credentials().registered(node->fqdn())) todo_.push_back(node->fqdn());
    }
    summary_.wanted = todo_.size();
    progress_(0, summary_.wanted);
    round();
}

void FleetRegistration::round() {
    if (todo_.empty()) return finish();
    ++rounds_;
    if (peers_.tokens == nullptr) return submit_some();
    const auto workers =
        static_cast<std::size_t>(std::count_if(todo_.begin(), todo_.end(), [&](const auto& fqdn) {
            const FakeServer* node = peers_.simulator.world().find(fqdn);
            return node != nullptr && node->worker();
        }));
    peers_.tokens->acquire(
        token_for(server_profile, todo_.size() - workers, todo_.size()),
        token_for(worker_profile, workers, todo_.size()), peers_.timeline.now(),
        [this](Result<RegistrationSecrets> secrets) {
            if (!secrets) {
                summary_.failed[todo_.front()] = secrets.error();
                return finish();
            }
            peers_.secrets = std::move(*secrets);
            submit_some();
        }
    );
}

// An answer may come while its node is still being submitted, so this may be asked again in the middle.
void FleetRegistration::submit_some() {
    if (std::exchange(submitting_, true)) return;
    while (!finished_ && outstanding_ < outstanding_max && !todo_.empty()) {
        const std::string fqdn = std::move(todo_.front());
        todo_.pop_front();
        ++outstanding_;
        submit(fqdn);
    }
    submitting_ = false;
    if (!finished_ && outstanding_ == 0) round_over();
}

void FleetRegistration::submit(const std::string& fqdn) {
    const FakeServer* node = peers_.simulator.world().find(fqdn);
    const bool worker = node != nullptr && node->worker();
    peers_.simulator.register_node(
        fqdn, [this, worker] { return worker ? peers_.secrets.worker : peers_.secrets.server; },
        [this, fqdn](Result<Registered> answer) { answered(fqdn, std::move(answer)); }
    );
}

void FleetRegistration::answered(const std::string& fqdn, Result<Registered> answer) {
    if (finished_) return;
    --outstanding_;
    if (answer) {
        progress_(++summary_.registered, summary_.wanted);
    } else if (answer.error().code == Errc::refused && peers_.tokens != nullptr && rounds_ < rounds_max) {
        again_.push_back(fqdn);
    } else {
        failed(fqdn, answer.error());
    }
    if (!finished_) submit_some();
}

void FleetRegistration::failed(const std::string& fqdn, const Error& error) {
    summary_.failed.emplace(fqdn, error);
    if (error.code == Errc::refused) todo_.clear();
    if (error.code == Errc::unreachable || error.code == Errc::corrupt) finish();
}

void FleetRegistration::round_over() {
    todo_ = std::exchange(again_, {});
    round();
}

void FleetRegistration::finish() {
    if (std::exchange(finished_, true)) return;
    peers_.simulator.abandon_registrations();
    done_(std::move(summary_));
}

}  // namespace csim
