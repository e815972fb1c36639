// The network of virtual time: what arrives, what does not, and what the agent hears of it.
#include "manager/plain_signer.hpp"
#include "sim/vtime/virtual_cluster.hpp"

#include <doctest/doctest.h>

using namespace csim;

TEST_SUITE_BEGIN("network");

namespace {

/// Two registered servers, at rest.
struct Small {
    VirtualCluster cluster{[] {
        VirtualOptions options;
        options.setup.server_count = 2;
        options.setup.cluster_size = 2;
        options.setup.worker_count = 0;
        return options;
    }()};
    std::string fqdn = "test000.localdomain";

    Small() {
        cluster.register_all();
        run(3min);
    }
    void run(Duration span) { cluster.run_until(cluster.timeline().now() + span); }
    const Agent& agent() { return *cluster.simulator().fleet().find(fqdn); }
    bool lost() { return !cluster.manager().agents().in_contact(fqdn); }
    void link(LinkConditions conditions) { cluster.network().set_conditions(fqdn, conditions); }
};

}  // namespace

TEST_CASE("agents register, hold every session, and their manager sees them managed") {
    Small small;
    CHECK(small.agent().sessions_open() == 7);
    CHECK(small.cluster.manager().agents().in_contact(small.fqdn));
    const HostRow* host = small.cluster.manager().model().host_by_fqdn(small.fqdn);
    REQUIRE(host != nullptr);
    CHECK(host->status.state == "managed");
    CHECK(small.agent().counters().get_failures == 0);
    CHECK(small.agent().counters().post_failures == 0);
}

TEST_CASE("nothing gets through a cut, in either direction, and everything is back afterwards") {
    for (const int direction : {0, 1, 2}) {
        CAPTURE(direction);
        Small small;
        LinkConditions cut = quiet_network();
        cut.to_manager_cut = direction != 2;
        cut.from_manager_cut = direction != 1;
        small.link(cut);
        small.run(4min);
        CHECK(small.agent().sessions_open() == 0);
        CHECK(small.agent().counters().get_failures + small.agent().counters().post_failures > 0);
        if (direction != 2) CHECK(small.lost());
        small.cluster.network().heal(small.fqdn);
        small.run(3min);
        CHECK(small.agent().sessions_open() == 7);
        CHECK(!small.lost());
    }
}

TEST_CASE("an agent that stands still says nothing, hears nothing, and goes on") {
    Small small;
    LinkConditions still = quiet_network();
    still.frozen = true;
    small.link(still);
    small.run(30s);
    const auto failures = small.agent().counters().get_failures;
    small.run(100s);
    CHECK(small.agent().counters().get_failures == failures);
    CHECK(small.lost());
    small.cluster.network().heal(small.fqdn);
    small.run(3min);
    CHECK(small.agent().sessions_open() == 7);
    CHECK(!small.lost());
}

TEST_CASE("a slow link is slow and loses nothing") {
    Small small;
    LinkConditions slow = quiet_network();
    slow.latency = 400ms;
    slow.jitter = 200ms;
    slow.bytes_per_second = 20'000;
    small.link(slow);
    const auto before = small.agent().counters();
    small.run(5min);
    CHECK(small.agent().counters().get_failures == before.get_failures);
    CHECK(small.agent().counters().post_failures == before.post_failures);
    CHECK(small.agent().sessions_open() == 7);
}

TEST_CASE("a refused certificate is refused, and taken again when it is reinstated") {
    Small small;
    const auto serials = small.cluster.manager().certificates().suspend(small.fqdn);
    CHECK(serials.size() == 1);
    small.run(3min);
    CHECK(small.agent().sessions_open() == 0);
    small.cluster.manager().certificates().reinstate(serials);
    small.run(3min);
    CHECK(small.agent().sessions_open() == 7);
}

TEST_CASE("a manager with a full disk ends, keeps what it acknowledged, and starts when there is space") {
    Small small;
    small.cluster.fill_manager_disk();
    small.cluster.simulator().world().power().command_server(small.fqdn, OutletCommand::off).value();
    small.run(3min);
    CHECK(!small.cluster.manager_alive());
    small.cluster.simulator().world().power().command_server(small.fqdn, OutletCommand::on).value();
    small.run(1min);
    CHECK(!small.cluster.manager_alive());
    small.cluster.free_manager_disk();
    CHECK(small.cluster.manager_alive());
    small.run(4min);
    CHECK(small.agent().sessions_open() == 7);
    CHECK(small.cluster.manager().model().host_by_fqdn(small.fqdn)->status.state == "managed");
}

TEST_SUITE_END();
