#include "tests/sim/walk/walk_world.hpp"

#include "tests/agent_proto/test_authority.hpp"

#include <doctest/doctest.h>

namespace csim {
namespace {

constexpr auto start_of_time = SimTime::from_unix_ns(1'700'000'000'000'000'000);

/// One for all: nobody verifies anything here.
const Identity& identity() {
    static const Identity made = *make_identity("everybody.localdomain", KeyKind::p256);
    return made;
}

const std::string& certificate() {
    static const std::string made = issue_certificate(identity(), "01");
    return made;
}

}  // namespace

void GivenIdentities::make(std::string fqdn, KeyKind, Done done) {
    timeline_.after(2ms, [this, fqdn = std::move(fqdn), done = std::move(done)]() mutable {
        auto csr = make_request(fqdn, identity().key_pem);
        if (!csr) return done(csr.error());
        done(Identity{identity().key_pem, *csr});
    });
}

Result<std::string> GivenIdentities::make_request(const std::string& fqdn, const std::string& key_pem) {
    return make_csr(fqdn, key_pem);
}

WalkProcess::WalkProcess(StateStore& store, SimTime now, std::uint64_t seed)
    : timeline(now), documents(store) {
    network.certificate_pem = certificate();
    network.keeps_requests = false;
    SimulatorOptions options;
    simulator = std::make_unique<ClusterSimulator>(
        ClusterSimulator::Peers{timeline, inbox, documents, trace, network, Rng(seed), &identities},
        std::move(options)
    );
    ControlScope scope{*simulator, network, timeline, "https://manager/", "folder", [] { return Lag{}; }};
    api = std::make_unique<ControlApi>(std::move(scope), documents);
}

WalkWorld::WalkWorld(std::uint64_t seed, const Setup& setup) : seed_(seed) {
    process_ = std::make_unique<WalkProcess>(store_, start_of_time, seed_);
    const auto made = world().create(setup);
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().detail));
    give_keys();
    for (const FakeServer* each : world().nodes())
        simulator().credentials().put_certificate(each->fqdn(), certificate());
    begin();
    simulator().start_everything();
    run_for(20s);
}

WalkWorld::~WalkWorld() = default;

void WalkWorld::begin() {
    process_->network.on_post = [this](const std::string& fqdn, const AgentPost& post) {
        if (on_post) on_post(fqdn, post);
    };
    process_->documents.save_all();
}

std::uint64_t WalkWorld::digest() const {
    return digest_ * 31 + process_->trace.digest();
}

void WalkWorld::run_for(Duration span) {
    Timeline& timeline = process_->timeline;
    const SimTime end = timeline.now() + span;
    while (timeline.next_due() && *timeline.next_due() <= end) {
        timeline.run_next();
        process_->inbox.run_within(0ns);
        process_->documents.save_all();
        ++events_;
    }
    timeline.advance_to(end);
}

std::optional<Result<Answer>> WalkWorld::call(const std::string& method, const Json& params) {
    auto answer = std::make_shared<std::optional<Result<Answer>>>();
    process_->api->call({method, params}, [answer](Result<Answer> result) { *answer = std::move(result); });
    process_->documents.save_all();
    return *answer;
}

std::optional<Result<Answer>> WalkWorld::ask(const std::string& method, const Json& params) {
    auto answer = std::make_shared<std::optional<Result<Answer>>>();
    process_->api->call({method, params}, [answer](Result<Answer> result) { *answer = std::move(result); });
    process_->documents.save_all();
    const SimTime end = now() + 60s;
    while (!*answer && now() < end) run_for(50ms);
    return *answer;
}

void WalkWorld::give_keys() {
    CredentialStore& credentials = simulator().credentials();
    for (const FakeServer* each : world().nodes()) {
        if (!credentials.key(each->fqdn())) credentials.put_key(each->fqdn(), identity().key_pem);
    }
}

bool WalkWorld::restart() {
    process_->documents.save_all();
    digest_ = digest();
    const SimTime at = now();
    process_.reset();
    const std::uint64_t before = store_.writes;
    process_ = std::make_unique<WalkProcess>(store_, at, seed_);
    begin();
    const bool quiet = store_.writes == before;
    simulator().start_all();
    process_->documents.save_all();
    return quiet;
}

}  // namespace csim
