// Every kind of request that must be refused: with the status and body that are specified, and with nothing
// changed.
#include "tests/manager/full_world.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/rest/bad_input");

namespace {

struct Refused {
    std::string line;
    std::string method, target;
    unsigned status = 0;
    std::string named;  ///< a key of the reply; "-": the reply's body is empty
    Json body;
};

/// The table in tests/golden/refused_requests.txt.
std::vector<Refused> refused() {
    std::ifstream in(std::string(CSIM_SOURCE_DIR) + "/tests/golden/refused_requests.txt");
    std::vector<Refused> table;
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line[0] == '#') continue;
        std::istringstream words(line);
        Refused row;
        std::string body;
        words >> row.method >> row.target >> row.status >> row.named;
        std::getline(words, body);
        row.line = line;
        row.body = Json::parse(body);
        table.push_back(std::move(row));
    }
    return table;
}

}  // namespace

TEST_CASE("what cannot be done is refused by name and changes nothing") {
    FullWorld w;
    const auto table = refused();
    REQUIRE(table.size() > 100);
    for (const Refused& row : table) {
        CAPTURE(row.line);
        const std::uint64_t writes = w.f().writes();
        const RestAnswer answer = w.f().rest(row.method, row.target, row.body);
        CHECK(answer.status == row.status);
        const bool bare = row.named == "-";
        if (bare && row.status != 405) CHECK(answer.text.empty());
        if (!bare) CHECK_MESSAGE((answer.body.is_object() && answer.body.contains(row.named)), answer.text);
        CHECK(w.f().writes() == writes);
    }
}

TEST_CASE("bodies of every JSON type are refused or ignored, never followed by a crash") {
    FullWorld w;
    const std::vector<Json> bodies{
        nullptr,
        true,
        3,
        -1,
        1.5,
        "text",
        Json::array(),
        Json::array({1, "x", nullptr}),
        Json{{"objects", 3}},
        Json{{"objects", Json::array({nullptr, 1, "x"})}}};
    for (const std::string& name : FullWorld::resources()) {
        for (const char* method : {"POST", "PUT", "PATCH"}) {
            for (const std::string& tail : {std::string("/"), std::string("/1/")}) {
                for (const Json& body : bodies) {
                    const std::string target = "/api/" + name + tail;
                    CAPTURE(method);
                    CAPTURE(target);
                    CAPTURE(body.dump());
                    const RestAnswer answer = w.f().rest(method, target, body);
                    CHECK(answer.status >= 200);
                    CHECK(answer.status != 500);
                }
            }
        }
    }
}

TEST_CASE("without a session, with a foreign one or without the CSRF header nothing is written") {
    FullWorld w;
    const HttpFields admin = w.f().headers;
    const Json token{{"profile", "/api/server_profile/default/"}};
    auto refused_post = [&](HttpFields headers) {
        w.f().headers = std::move(headers);
        const std::uint64_t writes = w.f().writes();
        const RestAnswer answer = w.f().rest("POST", "/api/registration_token/", token);
        CHECK(answer.text.empty());
        CHECK(w.f().writes() == writes);
        return answer.status;
    };
    const std::string cookie = admin[0].second, csrf = admin[1].second;
    CHECK(refused_post({}) == 401);
    CHECK(refused_post({{"Cookie", cookie}}) == 401);
    CHECK(refused_post({{"Cookie", cookie}, {"X-CSRFToken", "x" + csrf.substr(1)}}) == 401);
    CHECK(refused_post({{"Cookie", cookie}, {"X-CSRFToken", ""}}) == 401);
    CHECK(refused_post({{"Cookie", "csrftoken=" + csrf}, {"X-CSRFToken", csrf}}) == 401);
    const std::string foreign = "csrftoken=" + csrf + "; sessionid=0123456789abcdef0123456789abcdef";
    CHECK(refused_post({{"Cookie", foreign}, {"X-CSRFToken", csrf}}) == 401);
    CHECK(refused_post({{"Authorization", "ApiKey admin:"}}) == 401);
    CHECK(refused_post({{"Authorization", "ApiKey nobody:key"}}) == 401);
    w.f().headers = admin;
    CHECK(w.f().rest("POST", "/api/registration_token/", token).status == 201);
    // Only POST is checked for it.
    w.f().headers = {{"Cookie", cookie}};
    CHECK(w.f().rest("DELETE", "/api/power_control_device_outlet/2/").status == 204);
}

TEST_CASE("a session that was logged out or whose user is gone writes nothing") {
    FullWorld w;
    const HttpFields admin = w.f().headers;
    w.f().log_in("jane", "secret");
    const HttpFields jane = w.f().headers;
    CHECK(w.get("/api/session/").body["user"]["username"] == "jane");
    w.f().headers = admin;
    CHECK(w.f().rest("DELETE", "/api/user/4/").status == 204);
    w.f().headers = jane;
    CHECK(w.get("/api/session/").body["user"].is_null());
    CHECK(w.f().rest("PUT", "/api/alert/dismiss_all/").status == 401);
    w.f().headers = admin;
    CHECK(w.f().rest("DELETE", "/api/session/").status == 204);
    CHECK(w.f().rest("DELETE", "/api/host/1/").status == 401);
}

TEST_CASE("what is locked or gone is refused, and what holds it goes on") {
    FullWorld w;
    w.cluster.agents[0]->silent.insert("stop_lnet");
    const RestAnswer stopping = w.f().rest("PUT", "/api/lnet_configuration/1/", Json{{"state", "lnet_down"}});
    REQUIRE(stopping.status == 202);
    w.f().advance(std::chrono::seconds(1));
    const Json lnet = w.get("/api/lnet_configuration/1/").body;
    CHECK(lnet["locks"]["write"].size() == 1);
    CHECK(lnet["available_transitions"].empty());
    CHECK(lnet["available_actions"].empty());
    // The state that a job is already bringing about joins that job.
    const std::int64_t jobs = w.model().jobs.last_id();
    const RestAnswer again = w.f().rest("PUT", "/api/lnet_configuration/1/", Json{{"state", "lnet_down"}});
    CHECK(again.status == 202);
    CHECK(w.model().jobs.last_id() == jobs);
    const Json dry =
        w.f().rest(
                 "PUT", "/api/lnet_configuration/1/", Json{{"state", "lnet_unloaded"}, {"dry_run", true}}
        ).body;
    CHECK(dry["transition_job"]["class"] == "UnloadLNetJob");
    CHECK(w.model().jobs.last_id() == jobs);

    const Json force{
        {"message", "gone"}, {"jobs", {{{"class_name", "ForceRemoveHostJob"}, {"args", {{"host_id", 1}}}}}}};
    REQUIRE(w.f().rest("POST", "/api/command/", force).status == 201);
    // The job that holds the host ends with the agent's contact.
    w.cluster.agents[0]->stop();
    w.f().advance(std::chrono::seconds(90));
    CHECK(w.get("/api/host/1/").status == 404);
    for (const char* target :
         {"/api/host/1/", "/api/lnet_configuration/1/", "/api/pacemaker_configuration/1/"}) {
        CAPTURE(target);
        CHECK(w.f().rest("PUT", target, Json{{"state", "removed"}}).status == 404);
    }
    const Json reboot{
        {"message", "x"}, {"jobs", {{{"class_name", "RebootHostJob"}, {"args", {{"host_id", 1}}}}}}};
    CHECK(w.f().rest("POST", "/api/command/", reboot).status == 400);
}

TEST_SUITE_END();
