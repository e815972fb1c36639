#include "sim/control/xml_rpc.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace csim;

namespace {

std::string call_with(const std::string& value) {
    return "<?xml version='1.0'?><methodCall><methodName>m</methodName><params><param>" + value +
           "</param></params></methodCall>";
}

}  // namespace

TEST_SUITE_BEGIN("sim/control/xml_rpc");

TEST_CASE("every value survives the way through XML") {
    const Json values =
        Json::parse(R"([null, true, false, 0, -1, 2147483647, 2147483648, -9223372036854775808, 1.5,
        "", "a<b>&c\r\n", "grüße", [], [1, [2]], {}, {"a": {"b": [null]}}])");
    for (const Json& value : values) {
        CAPTURE(value.dump());
        const auto call = parse_xml_rpc(xml_rpc_call(RpcCall{"m", Json::array({value})}));
        REQUIRE(call.has_value());
        CHECK(call->params == Json::array({value}));
        const auto reply = parse_xml_rpc_reply(xml_rpc_result(value));
        REQUIRE(reply.has_value());
        CHECK(reply->value == value);
    }
}

TEST_CASE("integers beyond 32 bits are written as i8 and those within as int") {
    CHECK(xml_rpc_result(2147483647).find("<int>2147483647</int>") != std::string::npos);
    CHECK(xml_rpc_result(2147483648).find("<i8>2147483648</i8>") != std::string::npos);
}

TEST_CASE("a value without a type is a string and a call may have no parameters") {
    const auto call = parse_xml_rpc(call_with("<value>plain</value>"));
    REQUIRE(call.has_value());
    CHECK(call->params == Json::array({"plain"}));
    const auto bare = parse_xml_rpc("<methodCall><methodName>m</methodName></methodCall>");
    REQUIRE(bare.has_value());
    CHECK(bare->params.empty());
}

TEST_CASE("what is not a call is refused with what is wrong") {
    struct Case {
        std::string body;
        const char* expected;
    };
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += "<value><array><data>";
    for (int i = 0; i < 100; ++i) deep += "</data></array></value>";
    const std::vector<Case> cases = {
        {"", "not XML"},
        {"garbage", "not XML"},
        {"<methodCall><methodName>m</methodName>", "not XML"},
        {"<other/>", "expected a methodCall"},
        {"<methodCall/>", "expected a methodName"},
        {call_with(""), "/params/0: expected a value"},
        {call_with("<value><int>7x</int></value>"), "/params/0: expected an integer of at most 64 bits"},
        {call_with("<value><i8>92233720368547758070</i8></value>"),
         "/params/0: expected an integer of at most 64 bits"},
        {call_with("<value><boolean>yes</boolean></value>"), "/params/0: expected 0 or 1"},
        {call_with("<value><double>wide</double></value>"), "/params/0: expected a number"},
        {call_with("<value><frog>7</frog></value>"), "/params/0: unknown type 'frog'"},
        {call_with("<value><struct><member><name>a</name><value><int/></value></member></struct></value>"),
         "/params/0/a: expected an integer"},
        {call_with(deep), "nested deeper than 32"},
        {std::string("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>") +
             call_with("<value>&b;</value>"),
         ""},
    };
    for (const Case& each : cases) {
        CAPTURE(each.body.substr(0, 200));
        const auto call = parse_xml_rpc(each.body);
        REQUIRE(call.has_error());
        CAPTURE(call.error().detail);
        CHECK(call.error().code == Errc::bad_argument);
        CHECK(call.error().detail.find(each.expected) != std::string::npos);
    }
}

TEST_CASE("a fault reaches the client as its text") {
    const auto reply = parse_xml_rpc_reply(xml_rpc_fault({1, "no server 'x' & no <y>"}));
    REQUIRE(reply.has_error());
    CHECK(reply.error().detail == "no server 'x' & no <y>");
}
