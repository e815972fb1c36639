// What is sent to register, and what answers mean.
#include "agent_proto/registration.hpp"

#include "agent_proto/identity.hpp"
#include "tests/agent_proto/test_authority.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <set>

TEST_SUITE_BEGIN("agent_proto/registration");

namespace csim {
namespace {

Registrant registrant() {
    return {"oss1.example.com", "oss1", "10.0.0.21", "4.0.10.0"};
}

std::string success_body() {
    const auto identity = make_identity("oss1.example.com", KeyKind::p256);
    return Json{{"host_id", 1}, {"command_id", 7}, {"certificate", issue_certificate(*identity, "2A")}}.dump(
    );
}

struct ScriptedRegistrar final : RegistrationTransport {
    void register_agent(
        const std::string& secret, const std::string& body, UniqueFunction<void(Result<Reply>)> done
    ) override {
        secrets.push_back(secret);
        bodies.push_back(body);
        done(answer);
    }
    Result<Reply> answer = Reply{};
    std::vector<std::string> secrets;
    std::vector<std::string> bodies;
};

}  // namespace

TEST_CASE("the body has every field and an address even where none is given") {
    const auto body = registration_body(registrant(), "CSR");
    REQUIRE(body.has_value());
    CHECK(
        Json::parse(*body) ==
        Json{
            {"fqdn", "oss1.example.com"},
            {"nodename", "oss1"},
            {"address", "10.0.0.21"},
            {"version", "4.0.10.0"},
            {"capabilities", {"manage_targets"}},
            {"csr", "CSR"}}
    );
    Registrant without_address = registrant();
    without_address.address.clear();
    CHECK(Json::parse(*registration_body(without_address, "CSR"))["address"] == "oss1.example.com");
}

TEST_CASE("hosts that must not register send nothing") {
    ScriptedRegistrar registrar;
    for (const std::string& fqdn :
         {std::string("localhost.localdomain"), std::string(65, 'a'), std::string()}) {
        Registrant who = registrant();
        who.fqdn = fqdn;
        bool told = false;
        register_host(registrar, "SECRET", who, "CSR", [&](const Result<Registered>& result) {
            told = result.has_error() && result.error().code == Errc::bad_argument;
        });
        CHECK(told);
    }
    CHECK(registrar.bodies.empty());
}

TEST_CASE("a success carries the certificate") {
    ScriptedRegistrar registrar;
    registrar.answer = RegistrationTransport::Reply{201, success_body() + "\ntrailing line"};
    Result<Registered> registered = Error{};
    register_host(registrar, "SECRET", registrant(), "CSR", [&](Result<Registered> result) {
        registered = result;
    });
    REQUIRE(registered.has_value());
    CHECK(registered->host_id == 1);
    CHECK(registered->command_id == 7);
    CHECK(read_certificate(registered->certificate)->serial == "2A");
    CHECK(registrar.secrets == std::vector<std::string>{"SECRET"});
}

TEST_CASE("each refusal is one sentence with its own reason") {
    struct Case {
        unsigned status;
        std::string body;
        Errc code;
        const char* says;
    };
    std::set<std::string> sentences;
    for (const Case& c : {
             Case{403, "", Errc::refused, "token"},
             Case{400, R"({"fqdn": ["FQDN in use"]})", Errc::conflict, "remove it there"},
             Case{400, "", Errc::bad_argument, "names another host"},
             Case{
                 400, "Version incompatibility between manager (4, 0) and agent (3, 9)", Errc::bad_argument,
                 "(3, 9)"},
             Case{400, R"({"address": ["already taken"]})", Errc::bad_argument, "address: already taken"},
             Case{404, "<html>", Errc::refused, "404"},
             Case{405, "", Errc::corrupt, "405"},
             Case{500, "<html>oops", Errc::unreachable, "500"},
             Case{502, "", Errc::unreachable, "502"},
             Case{301, "", Errc::corrupt, "301"},
             Case{200, success_body(), Errc::corrupt, "200"},
             Case{201, "{\n\"host_id\": 1}", Errc::corrupt, "one line"},
             Case{201, R"({"host_id":1,"command_id":2})", Errc::corrupt, "one line"},
             Case{201, R"({"host_id":"1","command_id":2,"certificate":"x"})", Errc::corrupt, "one line"},
             Case{201, R"({"host_id":1,"command_id":2,"certificate":"x"})", Errc::corrupt, "no certificate"},
             Case{201, "", Errc::corrupt, "one line"},
         }) {
        CAPTURE(c.body);
        const auto result = read_registration_reply("oss1.example.com", {c.status, c.body});
        REQUIRE(result.has_error());
        CHECK(result.error().code == c.code);
        CHECK(result.error().detail.find(c.says) != std::string::npos);
        CHECK(result.error().detail.find("oss1.example.com") != std::string::npos);
        CHECK(result.error().detail.find('\n') == std::string::npos);
        CHECK(result.error().detail.back() != '.');
        sentences.insert(result.error().detail);
    }
    CHECK(sentences.size() > 10);
}

TEST_CASE("a long error page is not quoted whole") {
    const auto result = read_registration_reply("oss1", {400, std::string(100'000, 'x')});
    CHECK(result.error().detail.size() < 400);
}

TEST_CASE("an unreachable manager stays an error") {
    ScriptedRegistrar registrar;
    registrar.answer = Error{Errc::unreachable, "no answer"};
    Errc code = Errc::io;
    register_host(registrar, "S", registrant(), "CSR", [&](const Result<Registered>& result) {
        code = result.error().code;
    });
    CHECK(code == Errc::unreachable);
}

TEST_CASE("the body has the keys of a captured one") {
    const char* captures = std::getenv("CSIM_CAPTURES");
    if (captures == nullptr) {
        MESSAGE("skipped: CSIM_CAPTURES names no folder of captures");
        return;
    }
    std::ifstream file(std::string(captures) + "/wire/01-register/test000.json");
    REQUIRE(file.good());
    const Json captured = Json::parse(file)["body"];
    const Json ours = Json::parse(*registration_body(registrant(), "CSR"));
    CHECK(ours.size() == captured.size());
    for (const auto& [key, value] : captured.items()) CHECK(ours.contains(key));
    CHECK(ours["capabilities"] == captured["capabilities"]);
}

}  // namespace csim
