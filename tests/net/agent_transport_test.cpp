#include "net/faulty_agent_transport.hpp"
#include "net/https_agent_transport.hpp"
#include "net/rest_client.hpp"
#include "tests/net/net_fixture.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

TEST_SUITE_BEGIN("net/agent_transport");

using namespace csim;

namespace {

// A manager's front that answers by script, and one agent.
struct AgentFixture : NetFixture {
    AgentFixture() {
        HttpServerOptions options;
        options.tls = test_tls();
        server = std::make_unique<HttpServer>(
            inbox, std::move(options),
            [this](HttpRequest request, const Peer& peer, Responder responder) {
                requests.push_back(request);
                peers.push_back(peer);
                responder.reply(next);
            }
        );
        connect();
    }
    std::unique_ptr<AgentTransport> agent() {
        return std::make_unique<HttpsAgentTransport>(
            *client, identity_of(test_authority().client("oss1", 0xAB)), "/", 30s
        );
    }
    template <class Call>
    auto wait(Call call) {
        auto outcome = call();
        REQUIRE(inbox.run_until([&] {
            timeline.run_until(timeline.now());
            return outcome->has_value();
        }));
        return **outcome;
    }
    auto get(AgentTransport& agent) {
        return wait([&] {
            auto outcome = std::make_shared<std::optional<Outcome<std::vector<Message>>>>();
            agent.get({"2026-01-01T00:00:00Z", "2026-01-01T00:00:01+00:00Z"}, [=](auto got) {
                *outcome = std::move(got);
            });
            return outcome;
        });
    }
    auto post(AgentTransport& agent) {
        return wait([&] {
            auto outcome = std::make_shared<std::optional<Outcome<Nothing>>>();
            agent.post({"a", "b", {}}, [=](auto got) { *outcome = std::move(got); });
            return outcome;
        });
    }

    HttpReply next;
    Timeline timeline;  ///< stands still unless a test moves it
};

}  // namespace

TEST_CASE_FIXTURE(AgentFixture, "an agent polls and posts over two connections as itself") {
    const auto transport = agent();
    next = {200, {{"Content-Type", "application/json"}}, R"({"messages":[]})"};
    const auto polled = get(*transport);
    REQUIRE(polled.has_value());
    CHECK(polled->empty());
    CHECK(requests.back().target.starts_with("/agent/message/?server_boot_time=2026-01-01T00%3A00%3A00Z"));
    CHECK(*find_field(requests.back().headers, "Content-Type") == "application/json");
    next = {200, {{"Content-Type", "text/html"}}, ""};
    CHECK(post(*transport).has_value());
    CHECK(requests.back().method == "POST");
    CHECK(requests.back().target == "/agent/message/");
    CHECK(peers[0].serial == "AB");
    CHECK(peers[1].serial == "AB");
    CHECK(client->stats().open == 2);
}

TEST_CASE_FIXTURE(AgentFixture, "anything but success is one kind of failure") {
    const auto transport = agent();
    for (const unsigned status : {301u, 400u, 403u, 413u, 500u}) {
        next = {status, {{"Location", "/"}}, R"({"messages":[]})"};
        const auto failed = get(*transport);
        REQUIRE(failed.has_error());
        CHECK(failed.error().status == status);
        CHECK(post(*transport).has_error());
    }
    for (const char* body : {"", "<html>", "[]", R"({"messages":3})"}) {
        next = {200, {}, body};
        CHECK(get(*transport).has_error());
    }
}

TEST_CASE_FIXTURE(AgentFixture, "a network set to refuse lets nothing through and recovers") {
    FaultyAgentTransport transport(timeline, Rng(1), agent());
    next = {200, {}, R"({"messages":[]})"};
    transport.set_fault(NetworkFault::refuse);
    CHECK(get(transport).has_error());
    CHECK(post(transport).has_error());
    CHECK(requests.empty());
    transport.set_fault(NetworkFault::none);
    CHECK(get(transport).has_value());
}

TEST_CASE_FIXTURE(
    AgentFixture, "a network that drops responses lets one request of each kind reach the manager"
) {
    FaultyAgentTransport transport(timeline, Rng(1), agent());
    next = {200, {}, R"({"messages":[]})"};
    transport.set_fault(NetworkFault::drop_responses);
    for (int i = 0; i < 3; ++i) {
        CHECK(get(transport).has_error());
        CHECK(post(transport).has_error());
    }
    CHECK(requests.size() == 2);
    transport.set_fault(NetworkFault::none);
    CHECK(get(transport).has_value());
}

TEST_CASE_FIXTURE(AgentFixture, "failures made by a fault lapse when the agent is abandoned") {
    FaultyAgentTransport transport(timeline, Rng(1), agent());
    transport.set_fault(NetworkFault::refuse);
    bool called = false;
    transport.post({"a", "b", {}}, [&](auto) { called = true; });
    transport.abandon();
    transport.set_fault(NetworkFault::none);
    next = {200, {}, ""};
    CHECK(post(transport).has_value());
    CHECK_FALSE(called);
}

TEST_CASE_FIXTURE(AgentFixture, "registration needs no certificate and any status is an answer") {
    HttpsRegistrationTransport registration(*client);
    next = {403, {}, "no credit"};
    int answers = 0;
    for (int i = 0; i < 3; ++i)
        registration.register_agent("SECRET", "{}", [&](Result<RegistrationTransport::Reply> reply) {
            REQUIRE(reply.has_value());
            CHECK(reply->status == 403);
            CHECK(reply->body == "no credit");
            ++answers;
        });
    REQUIRE(inbox.run_until([&] { return answers == 3; }));
    CHECK(requests.back().target == "/agent/register/SECRET/");
    CHECK(peers.back().certificate == Peer::Certificate::none);
}

TEST_CASE_FIXTURE(
    AgentFixture, "registrations side by side leave one connection behind when all are answered"
) {
    HttpsRegistrationTransport registration(*client);
    next = {201, {}, "{}"};
    for (int round = 0; round < 2; ++round) {
        int answered = 0;
        for (int i = 0; i < 5; ++i)
            registration.register_agent("secret", "{}", [&](auto reply) { answered += reply.has_value(); });
        CHECK(inbox.run_until([&] { return answered == 5 && client->stats().open == 1; }));
    }
    CHECK(client->stats().connects <= 9);
}

TEST_CASE_FIXTURE(AgentFixture, "a REST session logs in with its cookies and sends them afterwards") {
    RestClient rest(*client);
    next = {201, {{"Set-Cookie", "csrftoken=TOKEN; Path=/"}, {"set-cookie", "sessionid=ID; HttpOnly"}}, "{}"};
    std::optional<Result<Nothing>> login;
    rest.login("admin", "lustre", [&](Result<Nothing> done) { login = std::move(done); });
    REQUIRE(inbox.run_until([&] { return login.has_value(); }));
    CHECK(login->has_value());
    CHECK(requests.back().target == "/api/session/");
    CHECK(*find_field(requests.back().headers, "X-CSRFToken") == "TOKEN");
    CHECK(*find_field(requests.back().headers, "Cookie") == "csrftoken=TOKEN; sessionid=ID");
    CHECK(requests.back().body == R"({"password":"lustre","username":"admin"})");
    next = {200, {}, R"({"objects": [1, 2]})"};
    std::optional<Result<RestReply>> reply;
    rest.get("api/host/?limit=0", [&](Result<RestReply> got) { reply = std::move(got); });
    REQUIRE(inbox.run_until([&] { return reply.has_value(); }));
    CHECK((*reply)->json().at("objects").size() == 2);
}

TEST_CASE_FIXTURE(AgentFixture, "a refused login is an error that names the user") {
    RestClient rest(*client);
    next = {401, {}, ""};
    std::optional<Result<Nothing>> login;
    rest.login("admin", "wrong", [&](Result<Nothing> done) { login = std::move(done); });
    REQUIRE(inbox.run_until([&] { return login.has_value(); }));
    REQUIRE(login->has_error());
    CHECK(login->error().code == Errc::refused);
    CHECK(login->error().detail.find("admin") != std::string::npos);
}
