// What all resources have in common: sessions, permissions, envelopes, filters, pages, methods.
#include "tests/manager/manager_fixture.hpp"

#include <doctest/doctest.h>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/rest/conventions");

namespace {

void add_hosts(ManagerFixture& f, int count) {
    for (int i = 1; i <= count; ++i) {
        char name[32];
        std::snprintf(name, sizeof name, "test%03d.localdomain", i);
        f.manager->model().add_host([&] {
            HostRow row;
            row.id = f.manager->model().next_id("host");
            row.fqdn = row.address = name;
            row.nodename = std::string(name, 7);
            row.profile = i % 2 ? "base_managed_rh7" : "posix_copytool_worker";
            row.lnet_id =
                f.manager->model()
                    .lnets.insert({f.manager->model().next_id("lnet"), {"unconfigured", {}, false}, i})
                    .id;
            return row;
        }());
    }
    f.documents->save_all();
}

std::string cookie_of(const RestAnswer& answer, const std::string& name) {
    for (const auto& [field, value] : answer.headers) {
        if (field == "Set-Cookie" && value.starts_with(name + "=")) return value.substr(0, value.find(';'));
    }
    return {};
}

}  // namespace

TEST_CASE("an anonymous visit gets both cookies and a login keeps the session id") {
    ManagerFixture f;
    f.log_out();
    const RestAnswer visit = f.rest("GET", "/api/session/");
    CHECK(visit.body == Json{{"user", nullptr}, {"read_enabled", true}, {"resource_uri", "/api/session/"}});
    const std::string csrf = cookie_of(visit, "csrftoken"), session = cookie_of(visit, "sessionid");
    REQUIRE_FALSE(csrf.empty());
    REQUIRE_FALSE(session.empty());
    const Json credentials{{"username", "admin"}, {"password", "lustre"}};
    f.headers = {{"Cookie", csrf + "; " + session}};
    CHECK(f.rest("POST", "/api/session/", credentials).status == 401);
    f.headers.emplace_back("X-CSRFToken", csrf.substr(10));
    CHECK(f.rest("POST", "/api/session/", {{"username", "admin"}}).status == 400);
    const RestAnswer wrong = f.rest("POST", "/api/session/", {{"username", "admin"}, {"password", "x"}});
    CHECK(wrong.status == 403);
    CHECK(wrong.body == Json{{"__all__", "Authentication Failed."}});
    const RestAnswer right = f.rest("POST", "/api/session/", credentials);
    CHECK(right.status == 201);
    CHECK(right.text.empty());
    CHECK(cookie_of(right, "sessionid") == session);
    CHECK(f.rest("GET", "/api/session/").body["user"]["username"] == "admin");
    CHECK(f.rest("PUT", "/api/session/").status == 405);
    CHECK(f.rest("DELETE", "/api/session/").status == 204);
    CHECK(f.rest("GET", "/api/session/").body["user"].is_null());
}

TEST_CASE("two session cookies are fine as long as one of them is known") {
    ManagerFixture f;
    f.headers[0].second = "sessionid=unknown; " + f.headers[0].second;
    CHECK(f.rest("GET", "/api/session/").body["user"]["username"] == "admin");
}

TEST_CASE("who may write is decided by group") {
    struct Case {
        const char* user;
        const char* method;
        const char* target;
        Json body;
        unsigned status;
    };
    const Json token{{"profile", "/api/server_profile/default/"}};
    const Json person{
        {"username", "jane"}, {"password1", "a"}, {"password2", "a"}, {"groups", {"/api/group/3/"}}};
    const std::vector<Case> cases{
        {"", "POST", "/api/registration_token/", token, 401},
        {"", "PUT", "/api/lnet_configuration/1/", {{"state", "lnet_up"}}, 401},
        {"", "DELETE", "/api/host/1/", {}, 401},
        {"user", "POST", "/api/registration_token/", token, 401},
        {"user", "PUT", "/api/lnet_configuration/1/", {{"state", "lnet_up"}}, 401},
        {"user", "POST", "/api/user/", person, 401},
        {"user", "GET", "/api/host/", {}, 200},
        {"debug", "POST", "/api/registration_token/", token, 201},
        {"debug", "POST", "/api/user/", person, 401},
        {"debug", "DELETE", "/api/user/3/", {}, 401},
        {"admin", "POST", "/api/user/", person, 201},
        {"admin", "DELETE", "/api/user/1/", {}, 400},
        {"admin", "DELETE", "/api/user/3/", {}, 204},
    };
    for (const Case& c : cases) {
        CAPTURE(c.user);
        CAPTURE(c.method);
        CAPTURE(c.target);
        ManagerFixture f;
        add_hosts(f, 1);
        f.log_out();
        if (*c.user) f.log_in(c.user);
        CHECK(f.rest(c.method, c.target, c.body).status == c.status);
    }
}

TEST_CASE("without anonymous reading only the session and the status can be read") {
    ManagerOptions options;
    options.rest.allow_anonymous_read = false;
    ManagerFixture f(options);
    f.log_out();
    CHECK(f.rest("GET", "/api/host/").status == 401);
    CHECK(f.rest("GET", "/api/system_status/").status == 200);
    CHECK(f.rest("GET", "/api/session/").body["read_enabled"] == false);
    f.log_in("user");
    CHECK(f.rest("GET", "/api/host/").status == 200);
}

TEST_CASE("users see themselves and change their own password") {
    ManagerFixture f;
    f.log_in("user");
    Json me = f.rest("GET", "/api/user/").body["objects"][0];
    CHECK(me["username"] == "user");
    CHECK(f.rest("GET", "/api/user/1/").status == 404);
    me["password1"] = me["password2"] = "better";
    CHECK(f.rest("PUT", "/api/user/3/", me).status == 400);
    me["old_password"] = "lustre";
    CHECK(f.rest("PUT", "/api/user/3/", me).status == 200);
    f.log_in("user", "better");
    me["groups"] = {"/api/group/1/"};
    CHECK(f.rest("PUT", "/api/user/3/", me).status == 403);
    f.log_out();
    CHECK(f.rest("GET", "/api/user/").body["meta"]["total_count"] == 0);
}

TEST_CASE("lists page and order and limit zero means all") {
    ManagerFixture f;
    add_hosts(f, 45);
    const Json first = f.rest("GET", "/api/host/").body;
    CHECK(first["objects"].size() == 20);
    CHECK(first["meta"]["total_count"] == 45);
    CHECK(first["meta"]["next"] == "/api/host/?limit=20&offset=20");
    CHECK(first["meta"]["previous"].is_null());
    const Json last = f.rest("GET", first["meta"]["next"].get<std::string>() + "&offset=40").body;
    CHECK(last["objects"].size() == 5);
    CHECK(last["meta"]["next"].is_null());
    CHECK(last["meta"]["previous"].is_string());
    CHECK(f.rest("GET", "/api/host/?limit=0").body["objects"].size() == 45);
    CHECK(f.rest("GET", "/api/host/?limit=x").status == 400);
    CHECK(f.rest("GET", "/api/host/?offset=-1").status == 400);
    const Json down = f.rest("GET", "/api/host/?order_by=-fqdn&limit=1").body;
    CHECK(down["objects"][0]["fqdn"] == "test045.localdomain");
    CHECK(f.rest("GET", "/api/host/?order_by=nodename").status == 400);
}

TEST_CASE("filters select and unknown parameters are ignored") {
    struct Case {
        const char* query;
        int count;
    };
    ManagerFixture f;
    add_hosts(f, 12);
    for (const Case& c :
         {Case{"fqdn=test003.localdomain", 1}, Case{"fqdn__startswith=test01", 3}, Case{"id=4", 1},
          Case{"id__in=1,2&id__in=5", 3}, Case{"worker=true", 6}, Case{"nonsense=1", 12}, Case{"role=MGS", 0},
          Case{"fqdn__in=test001.localdomain,test002.localdomain", 2}}) {
        CAPTURE(c.query);
        CHECK(f.rest("GET", std::string("/api/host/?") + c.query).body["meta"]["total_count"] == c.count);
    }
    const RestAnswer field = f.rest("GET", "/api/host/?nodename=x");
    CHECK(field.status == 400);
    CHECK(field.body["error"] == "The 'nodename' field does not allow filtering.");
    const RestAnswer lookup = f.rest("GET", "/api/host/?fqdn__gt=x");
    CHECK(lookup.status == 400);
    CHECK(lookup.body["error"] == "'gt' is not an allowed filter on the 'fqdn' field.");
    CHECK(f.rest("GET", "/api/server_profile/?managed=True&worker=false").body["meta"]["total_count"] == 1);
    CHECK(
        f.rest("GET", "/api/lnet_configuration/?host__fqdn=test002.localdomain")
            .body["meta"]["total_count"] == 1
    );
}

TEST_CASE("slashes may be doubled or left out") {
    ManagerFixture f;
    add_hosts(f, 1);
    for (const char* target : {"/api/host/1/", "/api/host/1", "//api/host/1/", "///api///host//1"}) {
        CAPTURE(target);
        CHECK(f.rest("GET", target).body["id"] == 1);
    }
}

TEST_CASE("what is missing or not allowed has its own status") {
    ManagerFixture f;
    add_hosts(f, 1);
    const RestAnswer missing = f.rest("GET", "/api/host/99/");
    CHECK(missing.status == 404);
    CHECK(missing.text.empty());
    const RestAnswer word = f.rest("GET", "/api/host/abc/");
    CHECK(word.status == 404);
    CHECK(word.body.contains("error_message"));
    const RestAnswer method = f.rest("GET", "/api/test_host/");
    CHECK(method.status == 405);
    CHECK(method.text == "POST");
    CHECK(f.rest("GET", "/api/event/").status == 404);
    CHECK(f.rest("PATCH", "/api/host/1/", Json::object()).status == 405);
    f.headers.emplace_back("X-HTTP-Method-Override", "PATCH");
    CHECK(f.rest("POST", "/api/command/1/").status == 404);
}

TEST_CASE("the catalogue names every resource and each has a schema from its table") {
    ManagerFixture f;
    const Json catalogue = f.rest("GET", "/api/").body;
    CHECK(catalogue.size() == 36);
    CHECK(catalogue["lnet_configuration"]["list_endpoint"] == "/api/lnet_configuration/");
    for (const auto& [name, entry] : catalogue.items()) {
        CAPTURE(name);
        if (name == "session") continue;
        const RestAnswer schema = f.rest("GET", entry["schema"].get<std::string>());
        CHECK(schema.status == 200);
        CHECK(schema.body.contains("fields"));
        const RestAnswer list = f.rest("GET", entry["list_endpoint"].get<std::string>());
        CHECK((list.status == 200 || list.status == 405));
    }
    CHECK(f.rest("GET", "/api/host/schema/").body["fields"]["server_profile"]["related_type"] == "to_one");
}

TEST_CASE("bodies that are not JSON and text that is not UTF-8 break nothing") {
    ManagerFixture f;
    HttpRequest request{"PUT", "/api/host/1/", f.headers, "{\"state\": "};
    unsigned status = 0;
    f.manager->rest(request, [&](HttpReply reply) { status = reply.status; });
    f.documents->save_all();
    CHECK(status == 400);
    add_hosts(f, 1);
    f.manager->model().hosts.edit(1, [](HostRow& host) { host.properties = "\xff\xfe"; });
    CHECK(f.rest("GET", "/api/host/1/").status == 200);
}

TEST_CASE("relations expand on demand one level deep") {
    ManagerFixture f;
    add_hosts(f, 1);
    f.manager->model().add_interface({1, 1, "eth0", "10.0.0.1", 24, "tcp", true, NidPart{0, "tcp"}});
    const Json plain = f.rest("GET", "/api/lnet_configuration/1/").body;
    CHECK(plain["nids"] == Json::array({"/api/nid/1/"}));
    CHECK(plain["host"]["fqdn"] == "test001.localdomain");
    CHECK(plain["host"]["available_jobs"].is_null());
    const Json full = f.rest("GET", "/api/lnet_configuration/?dehydrate__nids=True&dehydrate__host=false")
                          .body["objects"][0];
    CHECK(full["nids"] == f.rest("GET", "/api/nid/?lnet_configuration__id=1").body["objects"]);
    CHECK(full["host"] == "/api/host/1/");
}

TEST_CASE("tokens are made with defaults and refuse what they do not know") {
    ManagerFixture f;
    CHECK(
        f.rest("POST", "/api/registration_token/", Json::object()).body == Json{{"profile", {"Mandatory"}}}
    );
    const Json wish{{"profile", "/api/server_profile/base_managed_rh7/"}, {"secret", "x"}};
    CHECK(
        f.rest("POST", "/api/registration_token/", wish).body ==
        Json{{"secret", {"Forbidden during creation"}}}
    );
    const RestAnswer made = f.rest(
        "POST", "/api/registration_token/", Json{{"profile", "/api/server_profile/base_managed_rh7/"}}
    );
    REQUIRE(made.status == 201);
    CHECK(made.body["credits"] == 1);
    CHECK(made.body["secret"].get<std::string>().size() == 32);
    const std::string uri = made.body["resource_uri"].get<std::string>();
    CHECK(f.rest("PATCH", uri, {{"credits", 9}}).status == 400);
    CHECK(f.rest("PATCH", uri, {{"cancelled", true}}).status == 202);
    CHECK(f.rest("GET", uri).status == 404);
    f.log_in("user");
    CHECK(f.rest("GET", uri).status == 401);
    CHECK(f.rest("GET", "/api/registration_token/").body["meta"]["total_count"] == 0);
}

TEST_CASE("the status page lists every queue and program") {
    ManagerFixture f;
    const Json status = f.rest("GET", "/api/system_status").body;
    CHECK(status["supervisor"].size() == 12);
    CHECK(status["supervisor"][0]["statename"] == "RUNNING");
    std::set<std::string> names;
    for (const Json& queue : status["rabbitmq"]["queues"]) {
        names.insert(queue["name"].get<std::string>());
        CHECK(queue["messages"] == 0);
    }
    CHECK(names.size() == 17);
    CHECK(names.contains("agent_systemd_journal_rx"));
    CHECK(
        f.rest("GET", "/api/storage_resource_class/?plugin_name=simulator_controller")
            .body["meta"]["total_count"] == 3
    );
}
TEST_SUITE_END();
