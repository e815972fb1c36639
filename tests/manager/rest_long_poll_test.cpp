// Long polls: exactly one answer per change.
#include "tests/manager/manager_fixture.hpp"

#include <doctest/doctest.h>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/rest/long_poll");

namespace {

/// A client that asks again at once whenever it is answered, and counts.
struct Poller {
    Poller(ManagerFixture& fixture, std::string where) : f(fixture), target(std::move(where)) { ask(); }
    void ask() { waiting = f.start_rest("GET", target + "?last_modified=" + seen); }
    /// Takes the answers that are there.
    void look() {
        while (waiting->done) {
            if (waiting->status != 200) {
                ++timeouts;
                break;
            }
            ++answers;
            last = waiting->body;
            seen = last["meta"]["last_modified"].get<std::string>();
            ask();
        }
    }
    void run(Duration span) {
        for (int i = 0; i < 20; ++i) {
            f.advance(span / 20);
            look();
        }
    }
    ManagerFixture& f;
    std::string target;
    std::string seen = "0";
    std::shared_ptr<RestAnswer> waiting;
    Json last;
    int answers = 0;
    int timeouts = 0;
};

struct OneHost {
    OneHost() : agent(f, "test000.localdomain") {
        const std::int64_t command = agent.join("base_managed_rh7");
        f.run_until([&] { return f.command_done(command); });
        f.advance(std::chrono::seconds(1));
        agent.report("linux_network", agent.network_report());
        f.advance(std::chrono::seconds(1));
    }
    ManagerFixture f;
    ScriptedAgent agent;
};

}  // namespace

TEST_CASE("reports that repeat wake nobody and a stop and a start of LNet count once each") {
    for (const char* resource : {"/api/host/", "/api/lnet_configuration/"}) {
        CAPTURE(resource);
        OneHost h;
        Poller poller(h.f, resource);
        poller.look();
        CHECK(poller.answers == 1);
        for (int i = 0; i < 3; ++i) {
            h.agent.report("linux_network", h.agent.network_report());
            poller.run(std::chrono::seconds(10));
        }
        CHECK(poller.answers == 1);
        h.agent.lnet_state = "lnet_down";
        h.agent.report("linux_network", h.agent.network_report());
        poller.run(std::chrono::seconds(10));
        CHECK(poller.answers == 2);
        h.agent.lnet_state = "lnet_up";
        h.agent.report("linux_network", h.agent.network_report());
        poller.run(std::chrono::seconds(10));
        CHECK(poller.answers == 3);
    }
}

TEST_CASE("a poll without change ends with 304 after 300 seconds and not before") {
    OneHost h;
    Poller poller(h.f, "/api/command/");
    poller.look();
    CHECK(poller.answers == 1);
    h.f.advance(std::chrono::seconds(299));
    CHECK_FALSE(poller.waiting->done);
    h.f.advance(std::chrono::seconds(2));
    CHECK(poller.waiting->status == 304);
    CHECK(poller.waiting->text.empty());
}

TEST_CASE("taking a lock shows the host with other locks and offers and nothing else changed") {
    OneHost h;
    h.agent.silent.insert("install_packages");
    Poller poller(h.f, "/api/host/");
    poller.look();
    Json before = poller.last["objects"][0];
    const Json update{
        {"message", "update"}, {"jobs", {{{"class_name", "UpdateJob"}, {"args", {{"host_id", 1}}}}}}};
    REQUIRE(h.f.rest("POST", "/api/command/", update).status == 201);
    poller.run(std::chrono::seconds(1));
    CHECK(poller.answers == 2);
    Json after = poller.last["objects"][0];
    for (const char* name : {"locks", "available_transitions", "available_jobs", "available_actions"}) {
        CHECK(before[name] != after[name]);
        before.erase(name);
        after.erase(name);
    }
    CHECK(before == after);
}

TEST_CASE("a poll whose client went away is dropped unanswered") {
    OneHost h;
    const std::string path =
        "/api/host/?last_modified=" +
        h.f.rest("GET", "/api/host/?last_modified=0").body["meta"]["last_modified"].get<std::string>();
    int answers = 0;
    const auto ask = [&] {
        return h.f.manager->rest(HttpRequest{"GET", path, h.f.headers, {}}, [&](HttpReply) { ++answers; });
    };
    const auto gone = ask(), patient = ask();
    CHECK(gone != 0);
    CHECK(patient != gone);
    CHECK(h.f.manager->api().waiting() == 2);
    h.f.manager->abandon_rest(gone);
    CHECK(h.f.manager->api().waiting() == 1);
    h.f.manager->abandon_rest(gone);
    h.agent.lnet_state = "lnet_down";
    h.agent.report("linux_network", h.agent.network_report());
    h.f.advance(std::chrono::seconds(1));
    CHECK(answers == 1);
    h.f.manager->abandon_rest(patient);
    h.f.advance(std::chrono::seconds(301));
    CHECK(answers == 1);
    CHECK(h.f.manager->api().waiting() == 0);
}

TEST_CASE("the stamp may come in a header and goes out as ETag") {
    OneHost h;
    h.f.headers.emplace_back("If-None-Match", "0");
    const RestAnswer answer = h.f.rest("GET", "/api/alert/");
    std::string tag;
    for (const auto& [name, value] : answer.headers) {
        if (name == "ETag") tag = value;
    }
    CHECK(Json::parse(tag).contains("max_timestamp"));
    CHECK(tag.find(' ') == std::string::npos);
    CHECK_FALSE(answer.body["meta"].contains("last_modified"));
}

TEST_SUITE_END();
