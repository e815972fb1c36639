#include "tests/manager/manager_fixture.hpp"

#include "core/utc.hpp"
#include "manager/rest/target.hpp"

#include <doctest/doctest.h>

namespace csim::test {

namespace {

ByteSource counted_bytes() {
    // Different every time, the same in every run.
    return [rng = Rng(7)](std::size_t count) mutable {
        std::string bytes;
        while (bytes.size() < count) bytes += static_cast<char>(rng.next() & 0xff);
        return bytes;
    };
}

}  // namespace

ManagerFixture::ManagerFixture(ManagerOptions options)
    : timeline(*parse_utc("2026-11-21T09:00:00+00:00")),
      store(std::make_unique<CountingStore>()),
      options_(std::move(options)) {
    start();
    log_in("admin");
}

ManagerFixture::~ManagerFixture() = default;

void ManagerFixture::start() {
    documents = std::make_unique<Documents>(*store);
    signer =
        std::make_unique<PlainSigner>(Rng(11).stream("signer" + std::to_string(timeline.now().unix_ns())));
    manager = std::make_unique<ManagerCore>(
        timeline, *documents, Rng(3), nullptr, *signer, counted_bytes(), options_
    );
    documents->save_all();
}

void ManagerFixture::restart() {
    documents->save_all();
    manager.reset();
    documents.reset();
    start();
}

void ManagerFixture::advance(Duration span) {
    const SimTime end = timeline.now() + span;
    documents->save_all();
    while (auto due = timeline.next_due()) {
        if (*due > end) break;
        timeline.run_next();
        documents->save_all();
    }
    timeline.run_until(end);
    documents->save_all();
}

bool ManagerFixture::run_until(const std::function<bool()>& condition, Duration limit) {
    const SimTime end = timeline.now() + limit;
    documents->save_all();
    while (!condition()) {
        auto due = timeline.next_due();
        if (!due || *due > end) return false;
        timeline.run_next();
        documents->save_all();
    }
    return true;
}

std::shared_ptr<RestAnswer> ManagerFixture::start_rest(
    const std::string& method, const std::string& target, const Json& body
) {
    auto answer = std::make_shared<RestAnswer>();
    HttpRequest request{method, target, headers, body.is_null() ? std::string() : body.dump()};
    manager->rest(request, [answer](HttpReply reply) {
        answer->done = true;
        answer->status = reply.status;
        answer->text = reply.body;
        answer->headers = reply.headers;
        answer->body = Json::parse(reply.body, nullptr, false);
    });
    documents->save_all();
    return answer;
}

RestAnswer ManagerFixture::rest(const std::string& method, const std::string& target, const Json& body) {
    auto answer = start_rest(method, target, body);
    run_until([&] { return answer->done; });
    REQUIRE(answer->done);
    return *answer;
}

void ManagerFixture::log_in(const std::string& user, const std::string& password) {
    log_out();
    const RestAnswer visit = rest("GET", "/api/session/");
    std::vector<std::string> set;
    for (const auto& [name, value] : visit.headers) {
        if (name == "Set-Cookie") set.push_back(value);
    }
    const std::string csrf = cookies(set, "csrftoken").at(0), session = cookies(set, "sessionid").at(0);
    headers = {{"Cookie", "csrftoken=" + csrf + "; sessionid=" + session}, {"X-CSRFToken", csrf}};
    const RestAnswer reply = rest("POST", "/api/session/", Json{{"username", user}, {"password", password}});
    REQUIRE(reply.status == 201);
}

void ManagerFixture::log_out() {
    headers.clear();
}

std::string ManagerFixture::token(const std::string& profile, int credits) {
    const Json body{{"profile", "/api/server_profile/" + profile + "/"}, {"credits", credits}};
    return rest("POST", "/api/registration_token/", body).body["secret"].get<std::string>();
}

}  // namespace csim::test
