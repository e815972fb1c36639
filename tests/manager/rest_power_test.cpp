// Power control through the API, over a strip made of a map.
#include "manager/power/power_driver.hpp"
#include "tests/manager/manager_fixture.hpp"

#include <doctest/doctest.h>

using namespace csim;
using namespace csim::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("manager/rest/power");

namespace {

/// Answers each call after a second from `outlets`, by address, port and outlet.
class MapDriver final : public PowerDriver {
  public:
    explicit MapDriver(Timeline& timeline) : timeline_(timeline) {}
    std::map<std::uint16_t, std::map<std::string, bool>> strips;
    std::vector<std::string> calls;

    void run(PowerCall call, Done done) override {
        calls.push_back(std::to_string(call.port) + " " + fence_action(call.action) + " " + call.outlet);
        CHECK(++running_by_port[call.port] == 1);
        auto shared = std::make_shared<Done>(std::move(done));
        timeline_.after(1s, [this, call, shared] {
            --running_by_port[call.port];
            (*shared)(answer(call));
        });
    }
    Result<std::string> resolve(const std::string& name) override {
        if (name == "nowhere") return Error{Errc::bad_argument, "nowhere has no IPv4 address"};
        return name == "localhost" ? "127.0.0.1" : name;
    }

  private:
    Result<PowerAnswer> answer(const PowerCall& call) {
        auto at = strips.find(call.port);
        if (at == strips.end()) return Error{Errc::unreachable, "connection refused"};
        PowerAnswer answer;
        if (call.action == PowerAction::on) at->second[call.outlet] = true;
        if (call.action == PowerAction::off) at->second[call.outlet] = false;
        for (const auto& [outlet, on] : at->second) answer.outlets[outlet] = on;
        return answer;
    }
    Timeline& timeline_;
    std::map<std::uint16_t, int> running_by_port;
};

struct PowerFixture : ManagerFixture {
    MapDriver driver{timeline};
    std::string type;

    PowerFixture() {
        manager->use_power_driver(driver);
        const RestAnswer made = rest(
            "POST", "/api/power_control_type/",
            Json{
                {"agent", "fence_apc"},
                {"make", "APC"},
                {"model", "7900"},
                {"max_outlets", 4},
                {"default_username", "apc"},
                {"default_password", "apc"}}
        );
        REQUIRE(made.status == 201);
        type = made.body["resource_uri"].get<std::string>();
    }
    Json device(int port) {
        const Json body{
            {"device_type", type},
            {"name", "pdu" + std::to_string(port)},
            {"address", "localhost"},
            {"port", port}};
        const RestAnswer made = rest("POST", "/api/power_control_device/", body);
        CHECK(made.status == 201);
        return made.body;
    }
    Json host(const ScriptedAgent& agent) {
        return rest("GET", "/api/host/" + std::to_string(agent.host_id) + "/").body;
    }
    bool offers(const ScriptedAgent& agent, const char* job) {
        // The list refers into the reply, which must outlive the loop.
        const Json reply = host(agent);
        for (const Json& offer : reply["available_jobs"]) {
            if (offer["class_name"] == job) return true;
        }
        return false;
    }
    void run_job(const ScriptedAgent& agent, const char* job) {
        const Json body{
            {"message", job},
            {"jobs", Json::array({Json{{"class_name", job}, {"args", {{"host_id", agent.host_id}}}}})}};
        const RestAnswer made = rest("POST", "/api/command/", body);
        REQUIRE(made.status == 201);
        const auto id = made.body["id"].get<std::int64_t>();
        REQUIRE(run_until([&] { return command_done(id); }));
        CHECK_FALSE(manager->model().commands.at(id).errored);
    }
};

}  // namespace

TEST_CASE("a type is named after what it is and is made only once") {
    PowerFixture f;
    const Json types = f.rest("GET", "/api/power_control_type/?make=APC").body["objects"];
    REQUIRE(types.size() == 1);
    CHECK(types[0]["name"] == "APC 7900 (4 outlets)");
    CHECK_FALSE(types[0].contains("default_password"));
    const Json again{{"agent", "fence_apc"}, {"make", "APC"}, {"model", "7900"}};
    CHECK(f.rest("POST", "/api/power_control_type/", again).status == 400);
    CHECK(f.rest("POST", "/api/power_control_type/", Json{{"make", "APC"}}).body.contains("agent"));
    CHECK(f.rest("POST", "/api/power_control_type/", Json{{"agent", "rm"}}).status == 400);
}

TEST_CASE("a device brings its outlets and learns their states soon") {
    PowerFixture f;
    f.driver.strips[2300] = {{"1", true}, {"2", false}, {"3", true}, {"4", true}};
    const Json device = f.device(2300);
    CHECK(device["address"] == "127.0.0.1");
    CHECK(device["username"] == "apc");
    CHECK_FALSE(device.contains("password"));
    REQUIRE(device["outlets"].size() == 4);
    CHECK(device["outlets"][3]["identifier"] == "4");
    CHECK(device["outlets"][0]["has_power"].is_null());
    f.advance(3s);
    const Json outlets = f.rest("GET", "/api/power_control_device_outlet/?limit=0").body["objects"];
    CHECK(outlets[0]["has_power"] == true);
    CHECK(outlets[1]["has_power"] == false);
}

TEST_CASE("requests that make no sense change nothing") {
    PowerFixture f;
    f.device(2300);
    const auto try_device = [&](const Json& body) {
        return f.rest("POST", "/api/power_control_device/", body);
    };
    CHECK(try_device(Json{{"device_type", f.type}, {"address", "127.0.0.1"}, {"port", 2300}}).status == 400);
    CHECK(try_device(Json{{"device_type", f.type}, {"address", "nowhere"}}).body.contains("address"));
    CHECK(try_device(Json{{"device_type", f.type}}).body.contains("address"));
    CHECK(try_device(Json{{"device_type", f.type}, {"address", "1.2.3.4"}, {"port", 70000}}
    ).body.contains("port"));
    CHECK(
        try_device(Json{{"device_type", "/api/power_control_type/99/"}, {"address", "1.2.3.4"}}).status == 400
    );
    const Json fifth{{"device", "/api/power_control_device/1/"}, {"identifier", "5"}};
    CHECK(f.rest("POST", "/api/power_control_device_outlet/", fifth).status == 400);
    CHECK(
        f.rest("PATCH", "/api/power_control_device_outlet/1/", Json{{"host", "/api/host/9/"}}).status == 400
    );
    CHECK(f.rest("GET", "/api/power_control_device/").body["meta"]["total_count"] == 1);
    CHECK(f.rest("GET", "/api/power_control_device_outlet/").body["meta"]["total_count"] == 4);
}

TEST_CASE("an unreachable device raises an alert at its first check and the alert ends when it answers") {
    PowerFixture f;
    f.device(2300);
    const std::string alerts = "/api/alert/?active=true&alert_type=PowerControlDeviceUnavailableAlert";
    f.advance(20s);
    CHECK(f.rest("GET", alerts).body["meta"]["total_count"] == 0);
    f.advance(20s);
    const Json raised = f.rest("GET", alerts).body["objects"];
    REQUIRE(raised.size() == 1);
    CHECK(raised[0]["severity"] == "WARNING");
    CHECK(raised[0]["alert_item"] == "/api/power_control_device/1/");
    f.driver.strips[2300] = {{"1", true}, {"2", true}, {"3", true}, {"4", true}};
    f.advance(40s);
    CHECK(f.rest("GET", alerts).body["meta"]["total_count"] == 0);
    CHECK(f.rest("GET", "/api/power_control_device_outlet/1/").body["has_power"] == true);
}

TEST_CASE("a host with outlets is offered what its outlets allow and cycled all off before any on") {
    PowerFixture f;
    for (std::uint16_t port : {2300, 2301})
        f.driver.strips[port] = {{"1", true}, {"2", true}, {"3", true}, {"4", true}};
    ScriptedAgent agent(f, "test000.localdomain");
    const std::int64_t command = agent.join("base_managed_rh7");
    REQUIRE(f.run_until([&] { return f.command_done(command); }));
    CHECK_FALSE(f.offers(agent, "PowercycleHostJob"));
    const std::string first = f.device(2300)["outlets"][0]["resource_uri"].get<std::string>();
    const std::string second = f.device(2301)["outlets"][0]["resource_uri"].get<std::string>();
    f.advance(5s);
    agent.actions.clear();
    agent.arguments.clear();
    const Json wish{{"host", "/api/host/" + std::to_string(agent.host_id) + "/"}};
    CHECK(f.rest("PATCH", first, wish).status == 202);
    CHECK(f.rest("PATCH", second, wish).status == 202);
    f.advance(5s);
    REQUIRE(agent.actions == std::vector<std::string>{"configure_fencing", "configure_fencing"});
    const Json told = agent.arguments.back()["agents"];
    REQUIRE(told.size() == 2);
    CHECK(
        told[1] ==
        Json{
            {"agent", "fence_apc"},
            {"login", "apc"},
            {"password", "apc"},
            {"plug", "1"},
            {"ipaddr", "127.0.0.1"},
            {"ipport", 2301}}
    );
    CHECK(f.offers(agent, "PoweroffHostJob"));
    CHECK_FALSE(f.offers(agent, "PoweronHostJob"));
    f.driver.calls.clear();
    f.run_job(agent, "PowercycleHostJob");
    std::vector<std::string> switches;
    for (const std::string& call : f.driver.calls) {
        if (call.find(" o") != std::string::npos) switches.push_back(call);
    }
    CHECK(switches == std::vector<std::string>{"2300 off 1", "2301 off 1", "2300 on 1", "2301 on 1"});
    f.run_job(agent, "PoweroffHostJob");
    CHECK(f.rest("GET", first).body["has_power"] == false);
    CHECK(f.offers(agent, "PoweronHostJob"));
    f.run_job(agent, "PoweronHostJob");
    CHECK(f.rest("GET", second).body["has_power"] == true);
}

TEST_CASE("an outlet that does not obey leaves its state unknown and fails no job") {
    PowerFixture f;
    f.driver.strips[2300] = {{"1", true}, {"2", true}, {"3", true}, {"4", true}};
    ScriptedAgent agent(f, "test000.localdomain");
    const std::int64_t command = agent.join("base_managed_rh7");
    REQUIRE(f.run_until([&] { return f.command_done(command); }));
    const std::string outlet = f.device(2300)["outlets"][0]["resource_uri"].get<std::string>();
    f.rest("PATCH", outlet, Json{{"host", "/api/host/" + std::to_string(agent.host_id) + "/"}});
    f.advance(5s);
    f.driver.strips.clear();
    f.run_job(agent, "PoweroffHostJob");
    CHECK(f.rest("GET", outlet).body["has_power"].is_null());
}

TEST_CASE("deleting a type ends its devices and their outlets and everything survives a restart") {
    PowerFixture f;
    f.device(2300);
    f.restart();
    f.manager->use_power_driver(f.driver);
    CHECK(f.rest("GET", "/api/power_control_device_outlet/").body["meta"]["total_count"] == 4);
    CHECK(f.rest("DELETE", f.type).status == 204);
    CHECK(f.rest("GET", "/api/power_control_device/").body["meta"]["total_count"] == 0);
    CHECK(f.rest("GET", "/api/power_control_device_outlet/").body["meta"]["total_count"] == 0);
    f.driver.calls.clear();
    f.advance(2min);
    CHECK(f.driver.calls.empty());
}

TEST_SUITE_END();
