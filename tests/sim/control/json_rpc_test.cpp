#include "sim/control/json_rpc.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace csim;

TEST_SUITE_BEGIN("sim/control/json_rpc");

TEST_CASE("a call carries its method and parameters by position or by name") {
    const auto request =
        parse_json_rpc(R"({"jsonrpc": "2.0", "method": "server_get", "params": ["a"], "id": 7})");
    REQUIRE(request.items.size() == 1);
    CHECK_FALSE(request.batch);
    CHECK_FALSE(request.items[0].fault);
    CHECK_FALSE(request.items[0].notification);
    CHECK(request.items[0].call.method == "server_get");
    CHECK(request.items[0].call.params == Json::array({"a"}));
    CHECK(request.items[0].id == 7);
    const auto named =
        parse_json_rpc(R"({"jsonrpc": "2.0", "method": "m", "params": {"fqdn": "a"}, "id": "x"})");
    CHECK(named.items[0].call.params == Json{{"fqdn", "a"}});
}

TEST_CASE("what is not a call is answered with the standard code") {
    struct Case {
        const char* body;
        int code;
    };
    const Case cases[] = {
        {"", json_rpc_code::parse_error},
        {"{", json_rpc_code::parse_error},
        {"\xff\xfe", json_rpc_code::parse_error},
        {"[]", json_rpc_code::invalid_request},
        {"7", json_rpc_code::invalid_request},
        {R"({"method": "m", "id": 1})", json_rpc_code::invalid_request},
        {R"({"jsonrpc": "2.0", "method": 1, "id": 1})", json_rpc_code::invalid_request},
        {R"({"jsonrpc": "2.0", "method": "m", "params": 3, "id": 1})", json_rpc_code::invalid_request},
        {R"({"jsonrpc": "2.0", "method": "m", "id": {}})", json_rpc_code::invalid_request},
    };
    for (const Case& each : cases) {
        CAPTURE(each.body);
        const auto request = parse_json_rpc(each.body);
        REQUIRE(request.items.size() == 1);
        REQUIRE(request.items[0].fault);
        CHECK(request.items[0].fault->code == each.code);
    }
}

TEST_CASE("a batch answers calls in order and notifications not at all") {
    const auto request =
        parse_json_rpc(R"([{"jsonrpc": "2.0", "method": "a", "id": 1}, {"jsonrpc": "2.0", "method": "b"}, 5])"
        );
    REQUIRE(request.items.size() == 3);
    CHECK(request.batch);
    CHECK(request.items[1].notification);
    REQUIRE(request.items[2].fault);
    const std::string reply = json_rpc_reply(
        request, {json_rpc_result(1, "yes"), json_rpc_fault(nullptr, *request.items[2].fault)}
    );
    CHECK(Json::parse(reply).size() == 2);
    CHECK(json_rpc_reply(request, {}).empty());
}
