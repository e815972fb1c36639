// Records of power strips at a manager: which host hangs where, by the simulator's own map.
#include "sim/power_entries.hpp"

#include "tests/sim/paper_manager.hpp"

#include <doctest/doctest.h>

#include <optional>

TEST_SUITE_BEGIN("sim/power_entries");

using namespace csim;

namespace {

/// Two strips. Outlet 2 became free once and is fed again to a later server; a worker has no outlet.
std::vector<PowerStripStatus> strips() {
    std::vector<PowerStripStatus> both;
    for (const int n : {0, 1}) {
        both.push_back(
            {"pdu00" + std::to_string(n),
             "127.0.0.1",
             2300 + n,
             {{1, true, "test000", ""},
              {2, true, "test009", ""},
              {4, true, "test003", ""},
              {5, true, "unknown", ""}}}
        );
    }
    return both;
}

struct Entries : PaperManager {
    Entries() {
        int id = 0;
        for (const char* fqdn : {"worker000", "test003", "test000", "aaa", "test009"}) {
            lists["host"].push_back(
                {{"fqdn", fqdn}, {"resource_uri", "/api/host/" + std::to_string(++id) + "/"}}
            );
        }
    }
    Result<PowerEntriesMade> create(const std::string& word = "lustre", const std::string& pdu = "") {
        const auto way = client();
        PowerEntries entries(*way, "/", "admin", word);
        std::optional<Result<PowerEntriesMade>> answer;
        entries.create(strips(), pdu, [&](Result<PowerEntriesMade> made) { answer = std::move(made); });
        REQUIRE(inbox.run_until([&] { return answer.has_value(); }));
        return *answer;
    }
    std::map<std::string, Json> hosts_of(const std::string& device) {
        std::map<std::string, Json> hosts;
        for (const Json& each : lists["power_control_device_outlet"]) {
            if (each["device"] == device) hosts[each["identifier"].get<std::string>()] = each["host"];
        }
        return hosts;
    }
};

}  // namespace

// Proves: defect 13, 14.
TEST_CASE_FIXTURE(Entries, "outlets feed the hosts that the simulator says, found on any page") {
    const auto made = create();
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().detail));
    CHECK(made->devices == 2);
    CHECK(made->outlets == 6);
    for (const char* device : {"/api/power_control_device/1/", "/api/power_control_device/2/"}) {
        const auto hosts = hosts_of(device);
        CHECK(hosts.at("1") == "/api/host/3/");
        CHECK(hosts.at("2") == "/api/host/5/");
        CHECK(hosts.at("3").is_null());
        CHECK(hosts.at("4") == "/api/host/2/");
        CHECK(hosts.at("5").is_null());
    }
    const Json& type = lists["power_control_type"].at(0);
    CHECK(type["agent"] == "fence_apc");
    CHECK(type["make"] == "Fake");
    CHECK(type["model"] == "PDU");
    CHECK(type["max_outlets"] == 5);
    CHECK(lists["power_control_device"].at(1)["port"] == 2301);
}

// Proves: defect 14.
TEST_CASE_FIXTURE(Entries, "a second run changes nothing and a third only what became wrong") {
    REQUIRE(create().has_value());
    changes.clear();
    const auto again = create();
    REQUIRE(again.has_value());
    CHECK(again->devices == 0);
    CHECK(again->outlets == 0);
    CHECK(changes == std::vector<std::string>{"POST /api/session/"});
    lists["power_control_device_outlet"].at(0)["host"] = "/api/host/1/";
    lists["power_control_type"].at(0)["max_outlets"] = 1;
    const auto third = create();
    REQUIRE(third.has_value());
    CHECK(third->outlets == 1);
    CHECK(hosts_of("/api/power_control_device/1/").at("1") == "/api/host/3/");
    CHECK(lists["power_control_type"].at(0)["max_outlets"] == 5);
}

TEST_CASE_FIXTURE(Entries, "what the manager refuses is told in its words") {
    CHECK(create("wrong").error().code == Errc::refused);
    refuse_outlets = 400;
    const auto refused = create();
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == Errc::conflict);
    CHECK(refused.error().detail.find("400") != std::string::npos);
    CHECK(refused.error().detail.find("no such host") != std::string::npos);
    refuse_outlets = 0;
    CHECK(create().has_value());
}

TEST_CASE_FIXTURE(Entries, "strips with a password of their own say so") {
    REQUIRE(create("lustre", "sesame").has_value());
    CHECK(lists["power_control_device"].at(0)["password"] == "sesame");
}

TEST_SUITE_END();
