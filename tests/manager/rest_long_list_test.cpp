// Long lists are made in parts, and look as if they were made at once.
#include "tests/manager/manager_fixture.hpp"

#include <doctest/doctest.h>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/rest/long_list");

namespace {

constexpr int many = 130;

struct ManyHosts : ManagerFixture {
    ManyHosts() {
        for (int i = 0; i < many; ++i) {
            HostRow host;
            host.id = manager->model().next_id("host");
            host.fqdn = "host" + std::to_string(i) + ".example.com";
            host.nodename = "host" + std::to_string(i);
            host.address = host.fqdn;
            host.profile = "base_managed_rh7";
            host.status = {"managed", timeline.now(), false};
            host.lnet_id = manager->model().next_id("lnet_configuration");
            LNetRow lnet;
            lnet.id = host.lnet_id;
            lnet.host_id = host.id;
            lnet.status = {"lnet_up", timeline.now(), false};
            manager->model().add_host(std::move(host));
            manager->model().lnets.insert(std::move(lnet));
        }
    }
};

}  // namespace

TEST_CASE_FIXTURE(ManyHosts, "a long list holds what its pages hold, in the same order") {
    for (const char* filter : {"", "&order_by=-fqdn", "&fqdn__startswith=host1"}) {
        CAPTURE(filter);
        const Json whole = rest("GET", "/api/host/?limit=0" + std::string(filter)).body;
        Json paged = Json::array();
        for (int offset = 0; offset < many; offset += 20) {
            const std::string at = "/api/host/?offset=" + std::to_string(offset) + filter;
            const Json page = rest("GET", at).body["objects"];
            paged.insert(paged.end(), page.begin(), page.end());
        }
        const bool same = whole["objects"] == paged;
        CHECK(same);
        CHECK(whole["meta"]["total_count"] == paged.size());
        CHECK(whole["meta"]["next"].is_null());
    }
}

TEST_CASE_FIXTURE(ManyHosts, "what has no number of its own is listed as well") {
    for (std::int64_t host = 1; host <= many; ++host)
        manager->model().hosts.edit(host, [&](HostRow& row) {
            row.peers = {host % 2 == 1 ? host + 1 : host - 1};
        });
    const Json clusters = rest("GET", "/api/ha_cluster/?limit=0").body;
    CHECK(clusters["meta"]["total_count"] == many / 2);
    REQUIRE(clusters["objects"].size() == many / 2);
    for (const Json& cluster : clusters["objects"]) CHECK(cluster["peers"].size() == 2);
    CHECK(rest("GET", "/api/ha_cluster/1/").status == 405);
    CHECK(rest("GET", "/api/package/1/").status == 405);
}

TEST_CASE_FIXTURE(ManyHosts, "others are answered while a long list is being made") {
    const auto list = start_rest("GET", "/api/host/?limit=0");
    CHECK_FALSE(list->done);
    CHECK(manager->api().making() == 1);
    const auto other = start_rest("GET", "/api/host/1/");
    CHECK(other->done);
    CHECK_FALSE(list->done);
    // Whoever asks may lose the account meanwhile, and hosts may go: the rest arrives all the same.
    manager->model().remove_host(many);
    log_out();
    REQUIRE(run_until([&] { return list->done; }));
    CHECK(list->status == 200);
    CHECK(list->body["objects"].size() == many - 1);
    CHECK(manager->api().making() == 0);
}

TEST_CASE_FIXTURE(ManyHosts, "a long list whose client went away is not made to its end") {
    bool answered = false;
    const auto ticket = manager->rest(HttpRequest{"GET", "/api/host/?limit=0", headers, {}}, [&](HttpReply) {
        answered = true;
    });
    REQUIRE(ticket != 0);
    manager->abandon_rest(ticket);
    CHECK(manager->api().making() == 0);
    manager->abandon_rest(ticket);
    advance(std::chrono::seconds(1));
    CHECK_FALSE(answered);
}

TEST_CASE_FIXTURE(ManyHosts, "what changes while a polled list is being made is news for the next poll") {
    const auto list = start_rest("GET", "/api/host/?limit=0&last_modified=0");
    REQUIRE_FALSE(list->done);
    manager->model().hosts.edit(1, [](HostRow& row) { row.needs_update = true; });
    REQUIRE(run_until([&] { return list->done; }));
    const std::string seen = list->body["meta"]["last_modified"];
    const auto next = start_rest("GET", "/api/host/?limit=1&last_modified=" + seen);
    REQUIRE(run_until([&] { return next->done; }, std::chrono::seconds(10)));
    CHECK(next->body["objects"][0]["needs_update"] == true);
}

TEST_SUITE_END();
