// What people do with alerts: dismiss them, and say which they want to hear of.
#include "manager/model/alerts.hpp"
#include "tests/manager/full_world.hpp"

#include <doctest/doctest.h>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/rest/alerts");

TEST_CASE("dismissing hides what is over, and what is active and grave stays") {
    FullWorld w;
    Alerts alerts(w.model());
    alerts.set("TargetOfflineAlert", {Kind::target, 3}, true);
    const std::string uri = "/api/alert/" + std::to_string(w.model().alerts.last_id()) + "/";
    w.f().log_in("user");
    CHECK(w.f().rest("PATCH", uri, Json{{"dismissed", true}}).status == 401);
    CHECK(w.f().rest("PUT", "/api/alert/dismiss_all/").status == 204);
    w.f().log_out();
    CHECK(w.f().rest("PUT", "/api/alert/dismiss_all/").status == 401);
    CHECK(w.get(uri).body["dismissed"] == false);
    CHECK(
        w.get("/api/alert/?dismissed=false&severity__in=INFO&active=false").body["meta"]["total_count"] == 0
    );
    w.f().log_in("admin");
    const RestAnswer patched = w.f().rest("PATCH", uri, Json{{"dismissed", true}});
    CHECK(patched.status == 202);
    CHECK(patched.body["dismissed"] == true);
    CHECK(w.f().rest("PUT", uri, Json{{"dismissed", 3}}).status == 400);
    CHECK(w.f().rest("PUT", uri, Json{{"dismissed", false}}).status == 200);
}

TEST_CASE("users subscribe to types of alert, each once, and see their own") {
    FullWorld w;
    const Json wish{{"user", "/api/user/3/"}, {"alert_type", "/api/alert_type/2/"}};
    const RestAnswer made = w.f().rest("POST", "/api/alert_subscription/", wish);
    CHECK(made.status == 201);
    CHECK(made.text.empty());
    CHECK(w.f().rest("POST", "/api/alert_subscription/", wish).status == 201);
    CHECK(w.get("/api/alert_subscription/").body["meta"]["total_count"] == 2);
    CHECK(w.get("/api/user/3/").body["alert_subscriptions"][0]["alert_type"]["id"] == "2");
    CHECK(
        w.f().rest("POST", "/api/alert_subscription/", {{"user", "/api/user/3/"}}).body.contains("alert_type")
    );
    const Json no_type{{"user", "/api/user/3/"}, {"alert_type", "/api/alert_type/99/"}};
    CHECK(w.f().rest("POST", "/api/alert_subscription/", no_type).status == 400);
    w.f().log_in("debug");
    CHECK(w.get("/api/alert_subscription/").body["meta"]["total_count"] == 0);
    CHECK(w.f().rest("POST", "/api/alert_subscription/", wish).status == 403);
    CHECK(w.f().rest("DELETE", "/api/alert_subscription/2/").status == 404);
    w.f().log_in("admin");
    const Json both{
        {"objects", Json::array({Json{{"user", "/api/user/1/"}, {"alert_type", "/api/alert_type/5/"}}})},
        {"deleted_objects", Json::array({"/api/alert_subscription/2/"})}};
    CHECK(w.f().rest("PATCH", "/api/alert_subscription/", both).status == 202);
    CHECK(w.get("/api/alert_subscription/2/").status == 404);
    CHECK(w.get("/api/alert_subscription/").body["meta"]["total_count"] == 2);
    CHECK(w.f().rest("DELETE", "/api/alert_subscription/1/").status == 204);
}

TEST_SUITE_END();
