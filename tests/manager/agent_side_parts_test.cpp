// Small parts of the agent-facing side: targets, versions, tokens, certificates on record, results.
#include "core/json.hpp"
#include "core/rng.hpp"
#include "manager/action_result.hpp"
#include "manager/certificate_table.hpp"
#include "manager/http_target.hpp"
#include "manager/registrar.hpp"
#include "manager/tokens.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace csim {

TEST_SUITE_BEGIN("manager/agent_side_parts");

TEST_CASE("paths are collapsed and end in a slash") {
    CHECK(canonical_path("/agent/message") == "/agent/message/");
    CHECK(canonical_path("//agent///message/?a=/b//c") == "/agent/message/");
    CHECK(canonical_path("") == "/");
    CHECK(canonical_path("?x") == "/");
    CHECK(canonical_path("/a#b") == "/a/");
}

TEST_CASE("query values are decoded") {
    const std::string_view query = query_of("/x?a=1&time=2026-11-21T01%3A28+00&b&c=%zz%4&a=2");
    CHECK(query_value(query, "a") == "1");
    CHECK(query_value(query, "time") == "2026-11-21T01:28 00");
    CHECK(query_value(query, "b") == "");
    CHECK(query_value(query, "c") == "%zz%4");
    CHECK(!query_value(query, "d"));
    CHECK(query_of("/x").empty());
}

TEST_CASE("versions are the components of digits") {
    using Parts = std::vector<std::int64_t>;
    CHECK(parse_version("4.0.10.0-2017") == Parts{4, 0, 10});
    CHECK(parse_version("v4.1") == Parts{1});
    CHECK(parse_version("dev").empty());
    CHECK(parse_version("").empty());
    CHECK(parse_version("-4.+5.6") == Parts{6});
    CHECK(versions_compatible({1, 1}, {1, 0}));
    CHECK(!versions_compatible({2, 0}, {1, 0}));
    CHECK(!versions_compatible({1, 0}, {1, 1}));
    CHECK(versions_compatible({4}, {4}));
    CHECK(versions_compatible({}, {9, 9}));
}

TEST_CASE("results are unwrapped in every form agents use") {
    const auto of = [](const char* text) { return unwrap({Json::parse(text), {}}); };
    CHECK(of(R"({"wrapper_version": 1, "result": [1]})")->value == Json::array({1}));
    CHECK(of(R"({"wrapper_version": 1, "result": null})")->value.is_null());
    CHECK(of("null")->value.is_null());
    CHECK(of(R"({"a": 1})")->value == Json{{"a", 1}});
    CHECK(of(R"({"wrapper_version": 1, "error": "no", "result": 1})").error().code == Errc::refused);
    CHECK(of(R"({"wrapper_version": 1, "error": "no"})").error().detail == "no");
    CHECK(of("[1]").error().code == Errc::corrupt);
    CHECK(of("true").error().code == Errc::corrupt);
}

TEST_CASE("a log of commands reads like a console") {
    CHECK(
        console_text({{{"echo", "hi"}, 0, "hi\n", ""}, {{"false"}, 1, "", "oops"}}) ==
        "echo hi: 0\nhi\nfalse: 1\noops\n"
    );
}

struct RecordsFixture {
    Timeline timeline{SimTime::from_unix_ns(1'795'000'000'000'000'000)};
    std::unique_ptr<StateStore> store = memory_store();
    Documents documents{*store};
    static ByteSource bytes() {
        return [rng = Rng(5)](std::size_t count) mutable {
            std::string text;
            while (text.size() < count) text.push_back(static_cast<char>(rng.next()));
            return text;
        };
    }
};

TEST_CASE_FIXTURE(RecordsFixture, "tokens are kept with what is left of them") {
    Tokens tokens(timeline, documents, bytes());
    const std::string first = tokens.create({"a", 2, {}}).secret;
    const std::string second = tokens.create({"b", {}, timeline.now() + std::chrono::hours(1)}).secret;
    CHECK(first.size() == 32);
    CHECK(first.find_first_not_of("0123456789ABCDEF") == std::string::npos);
    CHECK(first != second);
    CHECK(tokens.consume(first)->profile == "a");
    documents.save_all();

    Tokens again(timeline, documents, bytes());
    CHECK(again.find(1)->credits == 1);
    CHECK(again.find(2)->profile == "b");
    CHECK(again.live_tokens().size() == 2);
    CHECK(again.consume(first).has_value());
    CHECK(!again.consume(first).has_value());
    CHECK(again.live_tokens().size() == 1);
    CHECK(again.create({"c", {}, {}}).id == 3);
    CHECK(again.set_cancelled(9, true).error().code == Errc::not_found);
}

TEST_CASE_FIXTURE(RecordsFixture, "a token without life or credit is never taken") {
    Tokens tokens(timeline, documents, bytes());
    const std::string none = tokens.create({"a", 0, {}}).secret;
    const std::string negative = tokens.create({"a", -3, {}}).secret;
    const std::string expired = tokens.create({"a", 1, timeline.now() - std::chrono::seconds(1)}).secret;
    const std::string brief = tokens.create({"a", 1, {}}).secret;
    for (const std::string& secret : {none, negative, expired}) CHECK(!tokens.consume(secret).has_value());
    timeline.run_until(timeline.now() + std::chrono::seconds(60));
    CHECK(tokens.check(brief).has_value());
    timeline.run_until(timeline.now() + std::chrono::nanoseconds(1));
    CHECK(!tokens.check(brief).has_value());
    CHECK(tokens.find(4)->credits == 1);
}

TEST_CASE_FIXTURE(RecordsFixture, "certificates stand for hosts until they are revoked") {
    CertificateTable table(documents);
    table.add("01", {"a", "k1", 1, 10, false});
    table.add("02", {"a", "k2", 1, 10, false});
    table.add("03", {"b", "k3", 2, 20, false});
    table.add("04", {"c", "k4", 3, 30, false});
    table.forget("04");
    CHECK(*table.find_fqdn("01") == "a");
    CHECK(table.find_record("a")->key_fingerprint == "k2");
    CHECK(table.find_record("c") == nullptr);
    CHECK(!table.issued("04"));
    table.rename("b", "d");
    CHECK(*table.find_fqdn("03") == "d");
    CHECK(table.revoke("a") == 2);
    documents.save_all();

    const CertificateTable again(documents);
    CHECK(again.find_fqdn("01") == nullptr);
    CHECK(again.find_fqdn("02") == nullptr);
    CHECK(again.issued("02"));
    CHECK(*again.find_fqdn("03") == "d");
    CHECK(again.size() == 1);
    CHECK(!again.issued("04"));
}

TEST_SUITE_END();

}  // namespace csim
