// Controllers, what they answer, and how the answer arrives.
#include "manager/storage/control_port_source.hpp"
#include "tests/manager/full_world.hpp"

#include <doctest/doctest.h>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/storage");

namespace {

std::size_t count(FullWorld& w, const std::string& query) {
    return w.get(query).body["meta"]["total_count"].get<std::size_t>();
}

}  // namespace

TEST_CASE("controllers are asked, their LUNs become those of volumes, and silence raises an alert") {
    FullWorld w;
    const Json items = w.get("/api/storage_resource/").body["objects"];
    REQUIRE(items.size() == 3);
    CHECK(items[0]["class_name"] == "Couplet");
    CHECK(items[0]["attributes"]["controller_id"]["raw"] == 3);
    CHECK(count(w, "/api/storage_resource/?class_name=Lun") == 1);
    const Json lun = w.get("/api/storage_resource/?class_name=Lun").body["objects"][0];
    CHECK(lun["attributes"]["lun_id"]["raw"] == "LUN1000");
    CHECK(lun["deletable"] == false);
    CHECK(w.get("/api/volume/?label=LUN1000").body["objects"][0]["storage_resource"] == lun["resource_uri"]);
    CHECK(w.get("/api/volume/?label=LUN1001").body["objects"][0]["storage_resource"].is_null());

    w.controllers.controllers.clear();
    w.f().advance(std::chrono::seconds(60));
    const Json alerts = w.get("/api/alert/?active=True&alert_type=StorageResourceOffline").body["objects"];
    REQUIRE(alerts.size() == 1);
    CHECK(alerts[0]["message"] == "Controller 3 not contactable");
    CHECK(alerts[0]["alert_item"] == "/api/storage_resource/1/");
    CHECK(w.get("/api/storage_resource/1/").body["alerts"].size() == 1);
    CHECK(w.get(lun["resource_uri"].get<std::string>()).body["propagated_alerts"].size() == 1);

    w.controllers.controllers[3] = {{{"LUN1001", {5, {}}}}, {}};
    w.f().advance(std::chrono::seconds(60));
    CHECK(count(w, "/api/alert/?active=True&alert_type=StorageResourceOffline") == 0);
    CHECK(w.get("/api/storage_resource/?class_name=Lun").body["objects"][0]["alias"] == "Lun LUN1001");
    CHECK(count(w, "/api/storage_resource/") == 2);
    CHECK(w.f().rest("DELETE", "/api/storage_resource/1/").status == 202);
    CHECK(count(w, "/api/storage_resource/") == 0);
    w.f().advance(std::chrono::seconds(60));
}

TEST_CASE("what a controller told has figures, and a name that a client can choose") {
    FullWorld w;
    const auto first = [&](const char* name) {
        return w.get("/api/storage_resource/?class_name=" + std::string(name)).body["objects"][0];
    };
    Json lun = first("Lun");
    for (const char* figure : {"read_ops_sec", "write_ops_sec", "read_bytes_sec", "write_bytes_sec"}) {
        CAPTURE(figure);
        REQUIRE(lun["stats"].contains(figure));
        CHECK(lun["stats"][figure]["name"] == figure);
        CHECK(lun["stats"][figure]["data"] >= 0);
        CHECK(lun["stats"][figure]["data"] <= 1000);
    }
    const Json histogram = lun["stats"]["write_latency_hist"];
    CHECK(histogram["type"] == "histogram");
    CHECK(histogram["data"]["bin_labels"].size() == 12);
    CHECK(histogram["data"]["values"].size() == 12);
    CHECK(histogram["data"]["bin_labels"][11] == "16385-32768");
    CHECK(first("Couplet")["stats"]["luns"]["data"] == 1);
    for (const Json& chart : lun["charts"])
        for (const Json& series : chart["series"]) CHECK(lun["stats"].contains(series.get<std::string>()));
    const std::string uri = lun["resource_uri"];
    CHECK(w.get(uri + "metric/?latest=true").body[0]["data"].contains("read_ops_sec"));

    lun["alias"] = "front row";
    const RestAnswer named = w.f().rest("PUT", uri, lun);
    REQUIRE_MESSAGE(named.status == 200, named.text);
    CHECK(named.body["alias"] == "front row");
    CHECK(named.body["default_alias"] == "Lun LUN1000");
    CHECK(w.f().rest("PUT", "/api/storage_resource/1/", {{"alias", "rack 7"}}).status == 200);
    w.restart();
    w.f().advance(std::chrono::seconds(60));
    CHECK(first("Lun")["alias"] == "front row");
    CHECK(first("Couplet")["alias"] == "rack 7");
    CHECK(w.f().rest("PUT", uri, {{"alias", ""}}).body["alias"] == "Lun LUN1000");

    Json larger = lun;
    larger["attributes"]["size"]["raw"] = 1;
    for (const Json& bad :
         {Json{{"alias", 7}}, Json{{"alias", std::string(300, 'x')}}, Json::object(), larger}) {
        CAPTURE(bad.dump());
        CHECK(w.f().rest("PUT", uri, bad).status == 400);
    }
    CHECK(first("Lun")["alias"] == "Lun LUN1000");
    CHECK(w.f().rest("PUT", "/api/storage_resource/999/", {{"alias", "x"}}).status == 404);
}

TEST_CASE("a controller's answer is read or refused with its place") {
    auto answer = [](const std::string& members) {
        return "<?xml version='1.0'?><methodResponse><params><param><value><struct>" + members +
               "</struct></value></param></params></methodResponse>";
    };
    auto member = [](const std::string& name, const std::string& value) {
        return "<member><name>" + name + "</name><value>" + value + "</value></member>";
    };
    const std::string disk =
        "<struct>" + member("wwid", "<string>w</string>") + member("size", "<int>2</int>") + "</struct>";
    const std::string lun = "<struct>" + member("serial", "S") + member("size", "<i8>3</i8>") +
                            member("wwids", "<array><data><value><string>w</string></value></data></array>") +
                            "</struct>";
    auto whole = [&](const std::string& luns) {
        return answer(member("disks", "<struct>" + member("w", disk) + "</struct>") + member("luns", luns));
    };
    const auto read = parse_controller_answer(whole("<struct>" + member("S", lun) + "</struct>"));
    REQUIRE(read.has_value());
    CHECK(read->disks.at("w") == 2 << 20);
    CHECK(read->luns.at("S").size_bytes == 3 << 20);
    CHECK(read->luns.at("S").wwids == std::vector<std::string>{"w"});
    const std::string no_size = "<struct>" + member("S", "<struct></struct>") + "</struct>";
    for (const std::string& text :
         {std::string("<"), std::string(), answer(""), whole("<int>3</int>"), whole(no_size)}) {
        CAPTURE(text);
        const auto refused = parse_controller_answer(text);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().code == Errc::corrupt);
    }
    const auto fault = parse_controller_answer(
        "<methodResponse><fault><value><struct>" + member("faultCode", "<int>1</int>") +
        member("faultString", "<string>no such controller</string>") +
        "</struct></value></fault></methodResponse>"
    );
    REQUIRE_FALSE(fault.has_value());
    CHECK(fault.error().code == Errc::refused);
    CHECK(fault.error().detail == "no such controller");
    CHECK(controller_request(7).find("<i8>7</i8>") != std::string::npos);
}

TEST_CASE("an HTTP answer is whole whatever pieces it arrives in") {
    const std::string text = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nX: y\r\n\r\nhello";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        HttpAnswer answer;
        for (std::size_t at = 0; at < text.size(); at += piece) {
            CHECK_FALSE(answer.over());
            answer.take(std::string_view(text).substr(at, piece));
        }
        REQUIRE(answer.over());
        CHECK(*answer.body() == "hello");
    }
    for (const char* bad :
         {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "SSH-2.0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"}) {
        CAPTURE(bad);
        HttpAnswer answer;
        answer.take(bad);
        CHECK(answer.over());
        CHECK_FALSE(answer.body());
    }
    CHECK_FALSE(HttpAnswer().body());
}

TEST_SUITE_END();
