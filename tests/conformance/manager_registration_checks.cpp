// How agents join: order of checks, statuses, credits (§2 of the agent protocol).
#include "tests/conformance/manager_steps.hpp"

#include <doctest/doctest.h>

namespace csim {
namespace {

std::string secret_of(ManagerBench& bench, std::int64_t credits = 1) {
    TokenDraft draft;
    draft.profile = "base_managed";
    draft.credits = credits;
    return bench.tokens().create(draft).secret;
}

std::int64_t credits_left(ManagerBench& bench) {
    return bench.tokens().find(1)->credits;
}

void a_registration_yields_a_certificate_in_one_line(const ManagerBenchFactory& make) {
    auto bench = make();
    const HttpReply reply =
        register_with(*bench, secret_of(*bench), registration(*bench, "oss1.example.com"));
    REQUIRE(reply.status == 201);
    CHECK(content_type(reply) == "application/json");
    CHECK(reply.body.find('\n') == std::string::npos);
    const Json body = Json::parse(reply.body);
    CHECK(body.size() == 3);
    CHECK(body["host_id"].is_number_integer());
    CHECK(body["command_id"].is_number_integer());
    CHECK(body["certificate"].get<std::string>().starts_with("-----BEGIN"));
    CHECK(!body["certificate"].get<std::string>().ends_with("\n"));
    CHECK(credits_left(*bench) == 0);
}

void tokens_that_are_not_live_are_refused_and_lose_nothing(const ManagerBenchFactory& make) {
    auto bench = make();
    const std::string secret = secret_of(*bench, 2);
    const Json body = registration(*bench, "oss1.example.com");
    CHECK(register_with(*bench, "0123", body).status == 403);
    CHECK(bench->tokens().set_cancelled(1, true).has_value());
    const HttpReply cancelled = register_with(*bench, secret, body);
    CHECK(cancelled.status == 403);
    CHECK(cancelled.body.empty());
    CHECK(bench->tokens().set_cancelled(1, false).has_value());
    bench->run_for(std::chrono::seconds(61));
    CHECK(register_with(*bench, secret, body).status == 403);
    CHECK(credits_left(*bench) == 2);
}

void a_token_lets_as_many_in_as_it_has_credits(const ManagerBenchFactory& make) {
    auto bench = make();
    const std::string secret = secret_of(*bench, 2);
    std::vector<ManagerBench::Reply> replies;
    for (const char* fqdn : {"a.example.com", "b.example.com", "c.example.com"}) {
        const std::string body = registration(*bench, fqdn).dump();
        replies.push_back(bench->send("", post_request("/agent/register/" + secret + "/", body)));
    }
    CHECK(bench->wait(replies[0]).status == 201);
    CHECK(bench->wait(replies[1]).status == 201);
    CHECK(bench->wait(replies[2]).status == 403);
}

void wrong_registrations_are_answered_with_the_field_and_cost_a_credit(const ManagerBenchFactory& make) {
    struct Case {
        const char* change;  ///< a JSON merge patch; null removes
        const char* field;
    };
    const Case cases[] = {
        {R"({"version": null})", "version"},
        {R"({"version": 7})", "version"},
        {R"({"csr": null})", "csr"},
        {R"({"csr": "nonsense"})", "csr"},
        {R"({"fqdn": null})", "fqdn"},
        {R"({"nodename": null})", "nodename"},
        {R"({"address": "taken"})", "address"},
    };
    for (const Case& wrong : cases) {
        CAPTURE(wrong.change);
        auto bench = make();
        bench->occupy_address("taken");
        const std::string secret = secret_of(*bench);
        Json body = registration(*bench, "oss1.example.com");
        body.merge_patch(Json::parse(wrong.change));
        const HttpReply reply = register_with(*bench, secret, body);
        CHECK(reply.status == 400);
        CHECK(content_type(reply) == "application/json");
        CHECK(Json::parse(reply.body).contains(wrong.field));
        CHECK(credits_left(*bench) == 0);
        CHECK(!bench->service().knows("oss1.example.com"));
    }
}

void a_body_that_is_not_json_is_400(const ManagerBenchFactory& make) {
    auto bench = make();
    for (const char* body : {"", "{", "[]", "null", "\"x\"", "{\"a\":\"\xff\"}"}) {
        const std::string secret = secret_of(*bench);
        const auto reply = bench->send("", post_request("/agent/register/" + secret + "/", body));
        CHECK(bench->wait(reply).status == 400);
    }
}

void other_methods_and_paths_are_told_apart(const ManagerBenchFactory& make) {
    auto bench = make();
    const std::string secret = secret_of(*bench);
    const auto status = [&](const char* method, const std::string& target) {
        return bench->wait(bench->send("", {method, target, {}, {}})).status;
    };
    CHECK(status("GET", "/agent/register/" + secret + "/") == 405);
    CHECK(status("POST", "/agent/setup/" + secret + "/") == 405);
    CHECK(status("POST", "/agent/register/a-b/") == 404);
    CHECK(status("POST", "/agent/register/") == 404);
    CHECK(status("GET", "/agent/unknown/") == 404);
    CHECK(status("GET", "/agent/message/") == 401);
    CHECK(status("POST", "/agent/reregister/") == 401);
    CHECK(status("POST", "/agent/copytool_event/") == 401);
    CHECK(status("GET", "/repo/packages/") == 401);
    CHECK(status("GET", "/certificate") == 200);
    CHECK(status("GET", "/certificate/") == 301);
    CHECK(status("POST", "/certificate") == 405);
    CHECK(credits_left(*bench) == 1);
}

void an_invalid_certificate_is_400_on_every_path(const ManagerBenchFactory& make) {
    auto bench = make();
    for (const char* target : {"/agent/message/", "/agent/register/AB/", "/certificate", "/agent/nothing/"}) {
        CHECK(bench->wait(bench->send_as_stranger({"GET", target, {}, {}})).status == 400);
    }
}

void versions_must_fit(const ManagerBenchFactory& make) {
    struct Case {
        Json version;
        unsigned status;
    };
    const Case cases[] = {
        {"4.0.10.0-2017", 201}, {"4.0", 201}, {"4", 201},       {"", 201},  {0, 201},
        {"dev", 201},           {"3.9", 400}, {"4.1.0.0", 400}, {"5", 400}, {"4.99999999999999999999.1", 400},
    };
    for (const Case& version : cases) {
        CAPTURE(version.version.dump());
        auto bench = make();
        Json body = registration(*bench, "oss1.example.com");
        body["version"] = version.version;
        CHECK(register_with(*bench, secret_of(*bench), body).status == version.status);
    }
    auto bench = make();
    Json body = registration(*bench, "oss1.example.com");
    body["version"] = "3.9";
    const HttpReply reply = register_with(*bench, secret_of(*bench), body);
    CHECK(reply.body == "Version incompatibility between manager (4, 0, 10, 0) and agent (3, 9)");
}

void another_name_in_the_request_is_refused_tersely(const ManagerBenchFactory& make) {
    auto bench = make();
    Json body = registration(*bench, "oss1.example.com");
    body["csr"] = bench->certificate_request("oss2.example.com", "key");
    const HttpReply reply = register_with(*bench, secret_of(*bench), body);
    CHECK(reply.status == 400);
    CHECK(reply.body.empty());
}

void a_name_in_use_is_refused(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, "oss1.example.com");
    const auto other = registration(*bench, "oss1.example.com", "another key");
    const HttpReply reply = register_with(*bench, secret_of(*bench), other);
    CHECK(reply.status == 400);
    CHECK(reply.body == R"({"fqdn": ["FQDN in use"]})");
}

void a_lost_reply_is_repeated_to_the_same_key_until_first_contact(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, "oss1.example.com");
    const Json body = registration(*bench, "oss1.example.com");
    const HttpReply again = register_with(*bench, secret_of(*bench), body);
    REQUIRE(again.status == 201);
    CHECK(Json::parse(again.body)["host_id"] == 1);
    CHECK(Json::parse(again.body)["command_id"] == 101);
    agent.certificate = Json::parse(again.body)["certificate"];
    CHECK(agent.poll_now().size() == 1);
    CHECK(register_with(*bench, secret_of(*bench), body).status == 400);
    bench->restart();
    CHECK(register_with(*bench, secret_of(*bench), body).status == 400);
}

void an_absent_address_is_replaced_by_the_name(const ManagerBenchFactory& make) {
    auto bench = make();
    for (const Json& address : {Json(), Json("")}) {
        const std::string fqdn = "oss" + std::to_string(address.is_null()) + ".example.com";
        Json body = registration(*bench, fqdn);
        body["address"] = address;
        CHECK(register_with(*bench, secret_of(*bench), body).status == 201);
    }
}

void a_removed_host_gets_403_and_may_register_anew(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, "oss1.example.com");
    agent.open({"linux"});
    const auto parked = agent.poll();
    bench->remove_host("oss1.example.com");
    CHECK(agent.polled(parked, std::chrono::seconds(1)).empty());
    const HttpReply refused = bench->wait(agent.poll());
    CHECK(refused.status == 403);
    CHECK(refused.body.empty());
    CHECK(agent.post({}).status == 403);
    HandAgent again(*bench, "oss1.example.com");
    CHECK(summary(again.poll_now()) == Names{"SESSION_TERMINATE_ALL"});
    CHECK(agent.post({}).status == 403);
    bench->restart();
    CHECK(agent.post({}).status == 403);
    CHECK(again.post({}).status == 200);
}

void reregistering_renames_the_host_and_ends_its_sessions(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, "oss1.example.com");
    HandAgent other(*bench, "oss2.example.com");
    agent.open({"lustre"});
    bench->events();
    const auto ask = [&](const Json& body) {
        return bench->wait(bench->send(agent.certificate, post_request("/agent/reregister/", body.dump())))
            .status;
    };
    CHECK(ask({{"fqdn", "oss3.example.com"}}) == 400);
    CHECK(ask({{"address", "10.0.0.3"}}) == 400);
    CHECK(ask({{"fqdn", "oss2.example.com"}, {"address", "10.0.0.3"}}) == 400);
    CHECK(ask({{"fqdn", "a/b"}, {"address", "10.0.0.3"}}) == 400);
    CHECK(bench->events().empty());
    CHECK(ask({{"fqdn", "oss3.example.com"}, {"address", "10.0.0.3"}}) == 200);
    CHECK(bench->events() == Names{"lustre terminated"});
    CHECK(agent.post({agent.create("linux")}).status == 400);
    agent.fqdn = "oss3.example.com";
    CHECK(agent.post({agent.create("linux")}).status == 200);
    CHECK(summary(agent.poll_now()) == Names{"SESSION_TERMINATE_ALL", "SESSION_CREATE_RESPONSE linux"});
}

void the_set_up_script_is_served_to_holders_of_a_token(const ManagerBenchFactory& make) {
    auto bench = make();
    const std::string secret = secret_of(*bench);
    const auto ask = [&](const std::string& behind) {
        return bench->wait(bench->send("", {"GET", "/agent/setup/" + behind, {}, {}}));
    };
    CHECK(ask(secret + "/?profile_name=base_managed").status == 201);
    CHECK(ask(secret + "/").status == 201);
    CHECK(ask(secret + "/?profile_name=unknown").status == 400);
    CHECK(ask(secret + "/?profile_name=other").status == 400);
    CHECK(ask("0123/?profile_name=base_managed").status == 403);
    CHECK(ask(secret + "/").body.find(secret) != std::string::npos);
    CHECK(ask(secret + "/").body.find("it\\u0027s") != std::string::npos);
    CHECK(credits_left(*bench) == 1);
}

void too_large_bodies_are_413(const ManagerBenchFactory& make) {
    auto bench = make();
    HandAgent agent(*bench, "oss1.example.com");
    const auto status = [&](const std::string& target, std::size_t size) {
        return bench->wait(bench->send(agent.certificate, post_request(target, std::string(size, ' '))))
            .status;
    };
    CHECK(status("/agent/register/AB/", 1'048'577) == 413);
    CHECK(status("/agent/reregister/", 1'048'577) == 413);
    CHECK(status("/agent/reregister/", 1'048'576) == 400);
    CHECK(status("/agent/message/", 8'388'609) == 413);
    CHECK(status("/agent/message/", 8'388'608) == 400);
}

}  // namespace

std::vector<ManagerCheck> manager_registration_checks() {
    return {
        {"a registration yields a certificate in one line", a_registration_yields_a_certificate_in_one_line},
        {"tokens that are not live are refused and lose nothing",
         tokens_that_are_not_live_are_refused_and_lose_nothing},
        {"a token lets as many in as it has credits", a_token_lets_as_many_in_as_it_has_credits},
        {"wrong registrations are answered with the field and cost a credit",
         wrong_registrations_are_answered_with_the_field_and_cost_a_credit},
        {"a body that is not JSON is 400", a_body_that_is_not_json_is_400},
        {"other methods and paths are told apart", other_methods_and_paths_are_told_apart},
        {"an invalid certificate is 400 on every path", an_invalid_certificate_is_400_on_every_path},
        {"versions must fit", versions_must_fit},
        {"another name in the request is refused tersely", another_name_in_the_request_is_refused_tersely},
        {"a name in use is refused", a_name_in_use_is_refused},
        {"a lost reply is repeated to the same key until first contact",
         a_lost_reply_is_repeated_to_the_same_key_until_first_contact},
        {"an absent address is replaced by the name", an_absent_address_is_replaced_by_the_name},
        {"a removed host gets 403 and may register anew", a_removed_host_gets_403_and_may_register_anew},
        {"reregistering renames the host and ends its sessions",
         reregistering_renames_the_host_and_ends_its_sessions},
        {"the set-up script is served to holders of a token",
         the_set_up_script_is_served_to_holders_of_a_token},
        {"too large bodies are 413", too_large_bodies_are_413},
    };
}

}  // namespace csim
