// HTTP/2 sessions that are frozen to a few bytes and thawed again: the other end never notices.
#include "connections/http/h2_session.hpp"
#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <optional>

TEST_SUITE_BEGIN("connections/h2_freeze");

using namespace csim;
using namespace csim::connections;

namespace {

struct Ears final : H2Events {
    void answered(const H2Answer& answer) override { answers.push_back(answer); }
    void asked(std::int32_t stream, Request request) override {
        requests.emplace_back(stream, std::move(request));
    }
    void going_away(std::uint32_t code, std::int32_t) override { away = code; }
    std::vector<H2Answer> answers;
    std::vector<std::pair<std::int32_t, Request>> requests;
    std::optional<std::uint32_t> away;
};

/// One end, awake or frozen.
struct End {
    explicit End(H2Session::Role which, std::int32_t window = 1 << 20) : role(which) {
        options.connection_window = window;
        session = std::make_unique<H2Session>(role, options, ears);
    }
    bool freeze() {
        if (!session || !session->can_freeze()) return false;
        idle = session->freeze(profiles, owed);
        session.reset();
        return true;
    }
    H2Session& awake() {
        if (!session)
            session = std::make_unique<H2Session>(role, options, ears, idle, profiles[idle.profile]);
        return *session;
    }
    std::string output() {
        std::string out = std::move(owed);
        owed.clear();
        if (session) session->drain(out);
        return out;
    }

    H2Session::Role role;
    H2Options options;
    Ears ears;
    H2Profiles profiles;
    H2Idle idle;
    std::string owed;
    std::unique_ptr<H2Session> session;
};

struct Pair {
    End client{H2Session::Role::client}, server{H2Session::Role::server};
    /// Until neither has anything to say. False: somebody objected.
    bool exchange() {
        for (;;) {
            const std::string up = client.output(), down = server.output();
            if (up.empty() && down.empty()) return true;
            if (!up.empty() && !server.awake().feed(up)) return false;
            if (!down.empty() && !client.awake().feed(down)) return false;
        }
    }
    bool ask(std::string_view body, std::size_t reply_size) {
        if (client.awake().request("POST", "host", "/path", body) < 0 || !exchange()) return false;
        if (server.ears.requests.empty()) return false;
        const auto [stream, request] = server.ears.requests.back();
        server.ears.requests.clear();
        if (request.body != body || request.path != "/path" || request.method != "POST") return false;
        server.awake().reply(stream, 200, std::string(reply_size, 'r'));
        if (!exchange() || client.ears.answers.empty()) return false;
        const H2Answer answer = client.ears.answers.back();
        client.ears.answers.clear();
        return answer.status == 200 && answer.body_bytes == reply_size && answer.reset == 0;
    }
};

std::string frame(int type, int flags, std::string_view payload) {
    std::string made{
        0, 0, static_cast<char>(payload.size()), static_cast<char>(type), static_cast<char>(flags), 0, 0,
        0, 0};
    return made.append(payload);
}

}  // namespace

// Proves: connection C-8.
TEST_CASE("two thousand requests with a sleep of either end between any two of them") {
    Pair pair;
    REQUIRE(pair.exchange());
    Rng rng(3);
    int frozen_clients = 0, frozen_servers = 0;
    std::uint64_t moved = 0;
    for (int round = 0; round < 2000; ++round) {
        const auto up = static_cast<std::size_t>(rng.between(0, 300));
        const auto down = static_cast<std::size_t>(rng.between(0, 3000));
        REQUIRE(pair.ask(std::string(up, 'u'), down));
        moved += down;
        if (rng.chance({3, 4})) frozen_clients += pair.client.freeze();
        if (rng.chance({3, 4})) frozen_servers += pair.server.freeze();
        REQUIRE(pair.exchange());
    }
    CHECK(frozen_clients > 1000);
    CHECK(frozen_servers > 500);
    // More than the window of the connection: it was given back all the time.
    CHECK(moved > 2 << 20);
    CHECK(pair.client.awake().request("GET", "h", "/", "") >= 4001);
}

// Proves: connection C-8.
TEST_CASE("pings, settings, windows and the end are understood by a session that was asleep") {
    Pair pair;
    REQUIRE(pair.exchange());
    REQUIRE(pair.ask("x", 10));
    for (int round = 0; round < 50; ++round) {
        REQUIRE(pair.client.freeze());
        H2Session& client = pair.client.awake();
        REQUIRE(client.feed(frame(6, 0, "12345678")));
        CHECK(pair.client.output() == frame(6, 1, "12345678"));
        REQUIRE(client.feed(frame(8, 0, std::string_view("\0\0\1\0", 4))));
        REQUIRE(client.feed(frame(4, 0, std::string_view("\0\3\0\0\0\x64", 6))));
        CHECK(pair.client.output() == frame(4, 1, ""));
        CHECK(client.can_freeze());
    }
    CHECK(pair.client.idle.send_window > 65'535 + 40 * 256);
    REQUIRE(pair.client.freeze());
    REQUIRE(pair.client.awake().feed(frame(7, 0, std::string_view("\0\0\0\1\0\0\0\0", 8))));
    CHECK(pair.client.ears.away == 0u);
    CHECK_FALSE(pair.client.awake().can_request());
    CHECK_FALSE(pair.client.awake().can_freeze());
}

// Proves: connection C-8.
TEST_CASE("nothing is frozen halfway") {
    Pair pair;
    CHECK_FALSE(pair.client.awake().can_freeze());  // its settings are not acknowledged
    REQUIRE(pair.exchange());
    CHECK(pair.client.awake().can_freeze());
    pair.client.awake().request("GET", "h", "/", "");
    CHECK_FALSE(pair.client.awake().can_freeze());  // a stream is open
    REQUIRE(pair.exchange());
    pair.server.awake().reply(pair.server.ears.requests.back().first, 200, "");
    REQUIRE(pair.exchange());
    CHECK(pair.client.awake().can_freeze());
    const std::string ping = frame(6, 0, "12345678");
    for (std::size_t cut = 1; cut < ping.size(); ++cut) {
        REQUIRE(pair.client.awake().feed(ping.substr(0, cut)));
        CHECK_FALSE(pair.client.awake().can_freeze());  // part of a frame
        REQUIRE(pair.client.awake().feed(ping.substr(cut)));
        pair.client.output();
        CHECK(pair.client.awake().can_freeze());
    }
    // A peer that keeps to the small window of the protocol: what was sent of it cannot be brought back.
    Pair narrow{End{H2Session::Role::client}, End{H2Session::Role::server, 65'535}};
    REQUIRE(narrow.exchange());
    narrow.client.awake().request("POST", "h", "/", std::string(30'000, 'b'));
    REQUIRE(narrow.exchange());
    narrow.server.awake().reply(narrow.server.ears.requests.back().first, 200, "");
    REQUIRE(narrow.exchange());
    CHECK(narrow.client.awake().open_streams() == 0);
    CHECK_FALSE(narrow.client.awake().can_freeze());
}

TEST_CASE("kinds of peers are told apart, and there is an end to their number") {
    H2Profiles profiles;
    CHECK(profiles.number_of({{3, 100}}) == 0);
    CHECK(profiles.number_of({{3, 101}}) == 1);
    CHECK(profiles.number_of({{3, 100}}) == 0);
    for (std::uint32_t i = 0; i < 300; ++i) profiles.number_of({{4, i}});
    CHECK(profiles.number_of({{4, 299}}) == H2Profiles::none);
}

TEST_CASE("frames that may not be are refused with the code of HTTP/2") {
    const std::string wrong[] = {
        frame(1, 5, "\x88"),                           // HEADERS on stream 0
        frame(6, 0, "short"),                          // PING of five bytes
        frame(4, 1, "123456"),                         // an acknowledgement with settings
        frame(8, 0, std::string_view("\0\0\0\0", 4)),  // a window of nothing
    };
    for (const std::string& bytes : wrong) {
        Pair pair;
        REQUIRE(pair.exchange());
        CHECK_FALSE(pair.client.awake().feed(bytes));
        CHECK(pair.client.awake().code() != 0);
    }
}

TEST_SUITE_END();
