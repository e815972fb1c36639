// The manager is killed at random moments of what it does to a live cluster: when it is back every command
// has ended, with a word about what was interrupted, and asking again brings everything to its end.
#include "core/rng.hpp"
#include "net/rest_client.hpp"
#include "tests/programs/stage.hpp"
#include "tests/support/seeds.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <optional>

TEST_SUITE_BEGIN("programs/manager_kill");

using namespace csim;

namespace {

constexpr int deaths = 2;

struct Kills : Stage {
    explicit Kills(std::uint64_t seed) : rng(seed) {
        start_manager({"--fence", "built-in"});
        setup(2);
    }

    Json send(const std::string& method, const std::string& path, const Json& body) {
        HttpsClientOptions options;
        options.host = "127.0.0.1";
        options.port = port();
        BlockingRestClient client(options, "/", patience);
        REQUIRE(client.login("admin", "lustre").has_value());
        const auto reply = method == "PUT" ? client.put(path, body) : client.remove(path);
        REQUIRE(reply.has_value());
        REQUIRE_MESSAGE(reply->status < 300, path << ": " << reply->status << " " << reply->text);
        return reply->json();
    }
    void run_simulator(const Words& words) {
        simulator.reset();
        simulator.emplace(serve(words));
    }
    /// At a random moment of the next second. The simulator goes with it, as when the machine fails: new
    /// agents come at once, old ones would wait for 5 to 15 s.
    void kill_manager() {
        const SimTime moment = test_clock() + Duration(1ms) * rng.between(0, 1000);
        eventually([&] { return test_clock() >= moment; });
        manager().signal(SIGKILL);
        simulator->signal(SIGKILL);
        CHECK(manager().wait().status == 128 + SIGKILL);
        CHECK(simulator->wait().status == 128 + SIGKILL);
        start_manager({"--fence", "built-in"});
    }
    bool all_back() {
        const Json hosts = rest("api/alert/?active=True&alert_type=HostContactAlert");
        return sessions_open() >= 14 && hosts["objects"].empty();
    }
    void check_order() {
        for (const Json& command : rest("api/command/?limit=0")["objects"])
            CHECK_MESSAGE(command["complete"] == true, command.dump());
        for (const Json& job : rest("api/job/?limit=0")["objects"])
            CHECK_MESSAGE(job["state"] == "complete", job.dump());
        for (const Json& step : rest("api/step/?limit=0")["objects"]) {
            CHECK_MESSAGE(step["state"] != "incomplete", step.dump());
            if (step["state"] == "failed") CHECK(step["backtrace"] != "");
        }
        for (const char* list : {"api/target/", "api/filesystem/", "api/host/"})
            for (const Json& object : rest(list)["objects"]) CHECK(object["locks"]["write"].empty());
    }
    /// Asks until it is done: a report may say first what an interrupted action has done.
    void bring(const std::string& path, const char* state) {
        CHECK_MESSAGE(
            eventually([&] {
                if (rest(path).value("state", "") == state) return true;
                const Json answer = send("PUT", path, {{"state", state}});
                if (!answer.is_object() || !answer.contains("command")) return false;
                const std::string command = answer["command"]["resource_uri"].get<std::string>().substr(1);
                eventually([&] { return rest(command).value("complete", false); });
                return rest(path).value("state", "") == state;
            }),
            path << " is not " << state << ": " << rest(path).dump()
        );
    }

    Rng rng;
    std::optional<Program> simulator;
};

Json filesystem_body(const Json& volumes) {
    const auto on = [&](int i) {
        return Json{{"volume_id", volumes[i]["id"]}, {"conf_params", Json::object()}};
    };
    return Json{
        {"name", "testfs"},
        {"mgt", {{"volume_id", volumes[0]["id"]}}},
        {"mdts", Json::array({on(1)})},
        {"osts", Json::array({on(2), on(3)})},
        {"conf_params", Json::object()}};
}

}  // namespace

TEST_CASE("a manager that is killed in the middle of commands ends them and finishes when asked again") {
    for_each_seed(1, [](std::uint64_t seed) {
        Kills stage(seed);
        stage.run_simulator(stage.register_words());
        REQUIRE(stage.watch_ready().status == 0);
        const Json volumes = stage.rest("api/volume/?category=usable&limit=0")["objects"];
        REQUIRE(volumes.size() == 4);
        stage.post("api/filesystem/", filesystem_body(volumes));
        for (int death = 0; death < deaths; ++death) {
            CAPTURE(death);
            stage.kill_manager();
            stage.check_order();
            stage.run_simulator(stage.run_words());
            REQUIRE(eventually([&] { return stage.all_back(); }));
            if (death + 1 < deaths) stage.send("PUT", "api/filesystem/1/", {{"state", "available"}});
        }
        stage.bring("api/filesystem/1/", "available");
        stage.check_order();
        // The cluster itself agrees.
        const Json places = stage.control("cluster_get", {"test000.localdomain"})["resource_locations"];
        for (const Json& target : stage.rest("api/target/")["objects"]) {
            CHECK(target["state"] == "mounted");
            CHECK(places[target["ha_label"].get<std::string>()] == target["active_host_name"]);
        }
    });
}

TEST_SUITE_END();
