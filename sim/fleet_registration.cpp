#include "sim/fleet_registration.hpp"

#include <algorithm>
#include <utility>

namespace csim {
namespace {

constexpr const char* server_profile = "base_managed_rh7";
constexpr const char* worker_profile = "posix_copytool_worker";
constexpr int rounds_max = 3;
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
    if (peers_.tokens == nullptr) return submit_all();
    const auto workers =
        static_cast<std::size_t>(std::count_if(todo_.begin(), todo_.end(), [&](const auto& fqdn) {
            return peers_.simulator.world().find(fqdn)->worker();
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
            submit_all();
        }
    );
}

void FleetRegistration::submit_all() {
    const auto nodes = std::exchange(todo_, {});
    outstanding_ = nodes.size();
    for (const std::string& fqdn : nodes) {
        if (finished_) return;
        const bool worker = peers_.simulator.world().find(fqdn)->worker();
        peers_.simulator.register_node(
            fqdn, [this, worker] { return worker ? peers_.secrets.worker : peers_.secrets.server; },
            [this, fqdn](Result<Registered> answer) { answered(fqdn, std::move(answer)); }
        );
    }
}

bool FleetRegistration::hopeless(const Error& error) const {
    return error.code == Errc::unreachable || error.code == Errc::refused || error.code == Errc::corrupt;
}

void FleetRegistration::answered(const std::string& fqdn, Result<Registered> answer) {
    if (finished_) return;
    --outstanding_;
    if (answer) {
        progress_(++summary_.registered, summary_.wanted);
    } else if (answer.error().code == Errc::refused && peers_.tokens != nullptr && rounds_ < rounds_max) {
        again_.push_back(fqdn);
    } else {
        summary_.failed.emplace(fqdn, answer.error());
        if (hopeless(answer.error())) return finish();
    }
    if (outstanding_ == 0) round_over();
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
