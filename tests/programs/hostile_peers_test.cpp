// What a manager meets on an open port: none of it has an effect, and the agents that are right notice
// nothing.
#include "sim/credential_store.hpp"
#include "state/state_store.hpp"
#include "tests/programs/bare_server.hpp"
#include "tests/programs/stage.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <sys/socket.h>
#include <unistd.h>

TEST_SUITE_BEGIN("programs/hostile_peers");

using namespace csim;

namespace {

constexpr int servers = 3;
constexpr int sessions = servers * 7;

std::string file_with(const Stage& stage, const std::string& name, const std::string& text) {
    const std::string path = (stage.folder / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

struct Certificate {
    std::string key_file;
    std::string certificate_file;
};

/// What a real agent of the fleet proves itself with.
Certificate certificate_of(const Stage& stage, const std::string& fqdn) {
    const auto store = read_directory(stage.folder / "cluster");
    Documents documents(*store);
    const auto found = CredentialStore(documents).find(fqdn);
    REQUIRE(found.has_value());
    return {
        file_with(stage, "agent.key", found->key_pem), file_with(stage, "agent.crt", found->certificate_pem)};
}

/// One from an authority that the manager never heard of.
Certificate foreign_certificate(const Stage& stage) {
    Certificate made{(stage.folder / "foreign.key").string(), (stage.folder / "foreign.crt").string()};
    const Ended ended = run_program(
        {{"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
          "-subj", "/CN=test000.localdomain", "-keyout", made.key_file, "-out", made.certificate_file}}
    );
    REQUIRE_MESSAGE(ended.status == 0, ended.err);
    return made;
}

Words curl(const Stage& stage, const std::string& path, const Words& more) {
    return Words{"curl", "-sS", "-k", "-m", "60", "-o", "/dev/null", "-w", "%{http_code}"} + more +
           Words{stage.url() + path};
}

Words as(const Certificate& who) {
    return {"--cert", who.certificate_file, "--key", who.key_file};
}

Words posting(const std::string& file) {
    return {"-H", "Content-Type: application/json", "-H", "Expect:", "--data-binary", "@" + file};
}

std::string message_from(const std::string& fqdn) {
    const Json message{{"fqdn", fqdn},          {"type", "SESSION_CREATE_REQUEST"}, {"plugin", "linux"},
                       {"session_id", nullptr}, {"session_seq", nullptr},           {"body", nullptr}};
    return Json{
        {"messages", Json::array({message})},
        {"server_boot_time", "2020-01-01T00:00:00+00:00Z"},
        {"client_start_time", "2020-01-01T00:00:00+00:00Z"}}
        .dump();
}

/// Connections that say something else than TLS, in every way of ending.
void throw_garbage(std::uint16_t port, int count) {
    const std::string texts[] = {
        "", "GET / HTTP/1.1\r\n\r\n", std::string(300, '\xff'), std::string("\x16\x03\x01\x40\x00\x01", 6),
        std::string(20'000, 'A')};
    for (int i = 0; i < count; ++i) {
        const int fd = connect_to(port);
        if (fd < 0) continue;
        const std::string& text = texts[i % 5];
        send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        const linger hard{1, 0};
        if (i % 3 == 0) setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        close(fd);
    }
}

bool is_client_error(const Ended& answer) {
    return answer.out.size() >= 3 && answer.out[answer.out.size() - 3] == '4';
}

}  // namespace

TEST_CASE("whoever lies to a manager or sends it rubbish gets nothing and disturbs nobody") {
    Stage stage;
    stage.start_manager();
    stage.setup(servers);
    Program simulator = stage.serve(stage.register_words());
    const Ended watched = stage.watch_ready();
    REQUIRE_MESSAGE(watched.status == 0, watched.err);
    REQUIRE(eventually([&] { return stage.sessions_open() == sessions; }));
    const Json before = stage.control("simulator_info", Json::array());
    const Certificate own = certificate_of(stage, "test000.localdomain");
    const Certificate foreign = foreign_certificate(stage);

    const std::string honest = file_with(stage, "honest", message_from("test000.localdomain"));
    const std::string other = file_with(stage, "other", message_from("test001.localdomain"));
    const std::string cut = file_with(stage, "cut", message_from("test000.localdomain").substr(0, 60));
    const std::string deep = file_with(stage, "deep", std::string(200'000, '['));
    const std::string invalid = file_with(stage, "invalid", "{\"messages\": [\"\xc3\x28\xff\"]}");
    const std::string large = file_with(stage, "large", "[\"" + std::string(40u << 20, 'x') + "\"]");
    const std::string agent = "agent/message/";
    struct Attack {
        const char* name;
        Words words;
        bool may_be_cut_off = false;
    };
    const Attack attacks[] = {
        {"no certificate", curl(stage, agent, posting(honest))},
        {"no certificate, listening", curl(stage, agent + "?server_boot_time=x&client_start_time=y", {})},
        {"a foreign certificate", curl(stage, agent, as(foreign) + posting(honest)), true},
        {"another host's name", curl(stage, agent, as(own) + posting(other))},
        {"truncated", curl(stage, agent, as(own) + posting(cut))},
        {"deep", curl(stage, agent, as(own) + posting(deep))},
        {"invalid UTF-8", curl(stage, agent, as(own) + posting(invalid))},
        {"large", curl(stage, agent, as(own) + posting(large)), true},
        {"large, anonymous", curl(stage, "agent/register/x/", posting(large)), true},
        {"deep, registering", curl(stage, "agent/register/x/", posting(deep))},
        {"large header", curl(stage, agent, {"-H", "X-Long: " + std::string(60'000, 'x')}), true},
        {"no such place", curl(stage, "agent/nowhere/", as(own))},
    };
    // One that sends a byte a second for as long as all this lasts.
    Program slow({curl(stage, agent, as(own) + posting(honest) + Words{"--limit-rate", "1"})});
    std::vector<Program> attacking;
    for (const Attack& each : attacks) attacking.emplace_back(Launch{each.words});
    std::vector<int> held;
    for (int i = 0; i < 50; ++i) held.push_back(connect_to(stage.port()));
    throw_garbage(stage.port(), 3000);
    for (std::size_t i = 0; i < attacking.size(); ++i) {
        const Ended answer = attacking[i].wait();
        const bool cut_off = attacks[i].may_be_cut_off && answer.status != 0;
        CHECK_MESSAGE((is_client_error(answer) || cut_off), attacks[i].name, ": ", answer.out, answer.err);
    }
    for (const int fd : held) close(fd);

    CHECK(stage.manager().running());
    // It says which client switches power strips, and nothing else.
    const std::string told = stage.manager().err();
    CHECK_MESSAGE(std::count(told.begin(), told.end(), '\n') <= 1, told);
    CHECK(stage.sessions_open() == sessions);
    CHECK(stage.host_states().size() == servers);
    const Json after = stage.control("simulator_info", Json::array());
    CHECK(after["failures"] == before["failures"]);
    CHECK(after["agents_running"] == servers);
}

TEST_SUITE_END();
