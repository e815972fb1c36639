// `cluster-sim register`: every node gets its certificate, then the cluster runs.
#include "apps/cluster_sim/serving.hpp"
#include "sim/fleet_registration.hpp"
#include "sim/power_entries.hpp"
#include "sim/progress.hpp"

#include <iostream>
#include <map>
#include <memory>
#include <utility>

namespace csim {
namespace {

void check_credentials(const RegisterOptions& options) {
    if (options.secret.empty() && (options.username.empty() || options.password.empty())) {
        throw Fatal("register needs either --secret, or --username and --password", 2);
    }
    if (options.create_pdu_entries && (options.username.empty() || options.password.empty())) {
        throw Fatal("--create_pdu_entries needs --username and --password", 2);
    }
}

std::string told(const RegistrationSummary& summary) {
    return "registered " + std::to_string(summary.registered) + " of " + std::to_string(summary.wanted) +
           " nodes";
}

/// What went wrong, each kind once: many nodes usually fail for one reason.
void tell_failures(const RegistrationSummary& summary) {
    std::map<Errc, std::pair<std::size_t, const Error*>> kinds;
    for (const auto& [fqdn, error] : summary.failed) {
        auto& [count, first] = kinds[error.code];
        if (count++ == 0) first = &error;
    }
    for (const auto& [code, kind] : kinds) {
        std::cerr << "cluster-sim: " << kind.second->detail;
        if (kind.first > 1) std::cerr << " (and " << kind.first - 1 << " more)";
        std::cerr << "\n";
    }
}

/// The manager gets records of the power strips, and of which server hangs on which outlet.
void tell_power(Serving& serving, PowerEntries& entries, const std::string& pdu_password) {
    entries.create(
        power_status(serving.simulator().world().power()), pdu_password,
        [&serving](const Result<PowerEntriesMade>& made) {
            if (!made) {
                std::cerr << "cluster-sim: " << made.error().detail << "\n";
                return serving.fail_at_end();
            }
            std::cerr << "cluster-sim: the manager has the power strips: " << made->devices << " made, "
                      << made->outlets << " outlets assigned\n";
        }
    );
}

/// What is said at the end, and whether there is anything to go on with.
void conclude(Serving& serving, const RegistrationSummary& summary) {
    if (summary.failed.empty()) return;
    tell_failures(summary);
    if (serving.simulator().credentials().count() == 0) return serving.stop(1);
    std::cerr << "cluster-sim: those that are registered keep running; 'cluster-sim register' tries the "
                 "others again\n";
    serving.fail_at_end();
}

}  // namespace

int register_command(const CommonOptions& common, const ServeOptions& serve, const RegisterOptions& options) {
    check_credentials(options);
    Serving serving(common, serve);
    std::unique_ptr<TokenSource> tokens;
    if (options.secret.empty()) {
        tokens = std::make_unique<TokenSource>(
            serving.network().client(), serving.manager().base_path, options.username, options.password,
            Duration(static_cast<std::int64_t>(serve.registration_timeout * 1e9))
        );
    }
    std::unique_ptr<PowerEntries> entries;
    if (options.create_pdu_entries) {
        entries = std::make_unique<PowerEntries>(
            serving.network().client(), serving.manager().base_path, options.username, options.password,
            Duration(static_cast<std::int64_t>(serve.registration_timeout * 1e9))
        );
    }
    Progress progress(
        std::cerr, stderr_is_terminal(), "registering",
        serving.simulator().world().node_count() - serving.simulator().credentials().count()
    );
    const SimTime begun = serving.timeline().now();
    FleetRegistration registration(
        {serving.timeline(), serving.simulator(), tokens.get(), {options.secret, options.secret}},
        [&](std::size_t done, std::size_t) { progress.show(done, serving.timeline().now() - begun); },
        [&](RegistrationSummary summary) {
            progress.finish(told(summary));
            conclude(serving, summary);
            if (entries != nullptr && serving.simulator().credentials().count() > 0)
                tell_power(serving, *entries, serve.pdu_password);
        }
    );
    return serving.run([&] {
        serving.simulator().start_all();
        registration.start();
    });
}

}  // namespace csim
