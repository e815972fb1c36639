#include "tests/sim/live_cluster.hpp"

#include "tests/agent_proto/test_authority.hpp"

#include <doctest/doctest.h>

namespace csim {
namespace {

/// One for all: nobody verifies anything here.
const Identity& identity() {
    static const Identity made = *make_identity("everybody.localdomain", KeyKind::p256);
    return made;
}

}  // namespace

LiveCluster::LiveCluster(const Setup& setup, SimulatorOptions options) {
    network.certificate_pem = issue_certificate(identity(), "01");
    options.key_threads = 1;
    simulator = std::make_unique<ClusterSimulator>(
        ClusterSimulator::Peers{timeline, inbox, documents, trace, network, Rng(1)}, std::move(options)
    );
    const auto made = simulator->world().create(setup);
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().detail));
    ControlScope scope{*simulator, network, timeline, "https://manager/", "folder", [] { return Lag{}; }};
    api = std::make_unique<ControlApi>(std::move(scope), documents);
    documents.save_all();
}

void LiveCluster::run_for(Duration span) {
    const SimTime end = timeline.now() + span;
    while (timeline.next_due() && *timeline.next_due() <= end) {
        timeline.run_next();
        documents.save_all();
        ++events;
        if (after_event) after_event();
    }
    timeline.advance_to(end);
}

Result<Answer> LiveCluster::ask(const std::string& method, const Json& params) {
    std::optional<Result<Answer>> answer;
    api->call({method, params}, [&](Result<Answer> result) { answer = std::move(result); });
    documents.save_all();
    const SimTime end = timeline.now() + 1h;
    while (!answer && timeline.now() < end) run_for(1ms);
    REQUIRE_MESSAGE(answer.has_value(), method << " was never answered");
    return std::move(*answer);
}

Json LiveCluster::tell(const std::string& method, const Json& params) {
    const auto answer = ask(method, params);
    REQUIRE_MESSAGE(answer.has_value(), method << ": " << (answer ? "" : answer.error().detail));
    return answer->value;
}

void LiveCluster::give_keys() {
    for (const FakeServer* each : simulator->world().nodes())
        simulator->credentials().put_key(each->fqdn(), identity().key_pem);
}

void LiveCluster::certify_all() {
    give_keys();
    for (const FakeServer* each : simulator->world().nodes())
        simulator->credentials().put_certificate(each->fqdn(), network.certificate_pem);
}

std::vector<std::string> LiveCluster::wrong() const {
    const World& world = simulator->world();
    Population population;
    std::set<std::string> names;
    for (const FakeServer* each : world.nodes()) {
        population.servers.push_back(each);
        names.insert(each->fqdn());
    }
    for (const FakeCluster* each : world.clusters()) population.clusters.push_back(each);
    FakeDevices& devices = simulator->world().devices();
    population.devices = &devices;
    std::vector<std::string> lines;
    for (const Violation& each : violations(population))
        lines.push_back(each.invariant + " " + each.sentence);
    for (const Violation& each : devices.violations(&names))
        lines.push_back(each.invariant + " " + each.sentence);
    return lines;
}

}  // namespace csim
