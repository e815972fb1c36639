// Registrations that cannot succeed: whatever is wrong at the other end, the program says it once and ends.
#include "tests/programs/bare_server.hpp"
#include "tests/programs/refusal.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <csignal>

TEST_SUITE_BEGIN("programs/registration_refused");

using namespace csim;

namespace {

const Words with_account{"--username", "admin", "--password", "lustre"};
const Words with_secret{"--secret", "0123456789ABCDEF0123456789ABCDEF"};

/// `register`, in a folder and with a control port of its own.
Words enlist(const std::string& cluster, const std::string& url, const Words& more) {
    return Words{"--config",         cluster,       "--url",      url, "register",
                 "--control_listen", "127.0.0.1:0", "--pdu_port", "0"} +
           Words{"--start_spread", "0"} + more;
}

/// Where no answer comes, or none that would count: the test waits for as long as this.
const Words no_patience{"--registration_timeout", "1"};
const Words little_patience{"--registration_timeout", "3"};

/// As many folders with two servers each.
std::vector<std::string> set_up(const TempFolder& folder, int count) {
    std::vector<std::string> names;
    std::vector<Program> started;
    for (int i = 0; i < count; ++i) {
        names.push_back("c" + std::to_string(i));
        const Words words{cluster_sim_path(), "--config", names.back(), "setup", "--server_count", "2"};
        started.emplace_back(Launch{words, {}, folder.path()});
    }
    for (Program& each : started) REQUIRE(each.wait().status == 0);
    return names;
}

std::string make_token(const Stage& stage, int credits, const std::string& expiry) {
    std::string profile;
    const Json profiles = stage.rest("api/server_profile/?limit=0");
    for (const Json& each : profiles["objects"]) {
        if (each["name"] == "base_managed_rh7") profile = each["resource_uri"];
    }
    const Json body{{"credits", credits}, {"expiry", expiry}, {"profile", profile}};
    return stage.post("api/registration_token/", body)["secret"];
}

}  // namespace

TEST_CASE("what answers but is no manager is told apart from one that does not answer") {
    const TempFolder folder;
    const BareServer silent("");
    const BareServer garbage("\x16\x03 this is neither TLS nor HTTP\r\n\r\n");
    const BareServer page("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
    const BareServer error("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    const DeafPort nobody;
    const std::string absent = "https://127.0.0.1:" + std::to_string(nobody.port()) + "/";
    const auto names = set_up(folder, 10);
    const std::vector<Refusal> table{
        {enlist(names[0], absent, with_account + little_patience), failure, "Connection refused"},
        {enlist(names[1], absent, with_secret + little_patience), failure, "Connection refused"},
        {enlist(names[2], silent.url("https"), with_account + no_patience), failure, "127.0.0.1"},
        {enlist(names[3], silent.url("https"), with_secret + no_patience), failure, "127.0.0.1"},
        {enlist(names[4], silent.url("http"), with_secret + no_patience), failure, "127.0.0.1"},
        {enlist(names[5], garbage.url("https"), with_account), failure, "TLS"},
        {enlist(names[6], garbage.url("http"), with_account), failure, "127.0.0.1"},
        {enlist(names[7], page.url("http"), with_account), failure, "manager"},
        {enlist(names[8], page.url("http"), with_secret), failure, "manager"},
        {enlist(names[9], error.url("http"), with_secret + little_patience), failure, "502"},
    };
    check_all(table, folder.path());
    for (const std::string& name : names) {
        const Ended status =
            run_program({{cluster_sim_path(), "--config", name, "status"}, {}, folder.path()});
        CHECK_MESSAGE(status.out.find("3 nodes, 0 registered") != std::string::npos, status.err);
    }
}

// Proves: defect 76.
TEST_CASE("wrong passwords and tokens and authorities are refused in one sentence") {
    Stage stage;
    stage.start_manager();
    const auto names = set_up(stage.folder, 7);
    const std::string other = (stage.folder / "other.pem").string();
    const Ended made = run_program(
        {{"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
          "-subj", "/CN=other", "-keyout", (stage.folder / "other.key").string(), "-out", other}}
    );
    REQUIRE_MESSAGE(made.status == 0, made.err);
    const std::string expired = make_token(stage, 5, "2001-01-01T00:00:00Z");
    const std::string exhausted = make_token(stage, 1, "2100-01-01T00:00:00Z");
    const std::string plain = "http://127.0.0.1:" + std::to_string(stage.port()) + "/";
    check_all(
        {
            {enlist(names[0], stage.url(), {"--username", "admin", "--password", "wrong"}), failure, "login"},
            {enlist(names[1], stage.url(), {"--username", "nobody", "--password", "x"}), failure, "login"},
            {enlist(names[2], stage.url(), with_secret), failure, "token"},
            {enlist(names[3], stage.url(), {"--secret", "../../nonsense"}), failure, "token"},
            {enlist(names[4], stage.url(), {"--secret", expired}), failure, "expired"},
            {enlist(names[5], stage.url(), with_account + Words{"--ca", other}), failure, "certificate"},
            {enlist(names[6], plain, with_account), failure, "manager"},
        },
        stage.folder.path()
    );
    CHECK(stage.host_states().empty());

    // A token that is good for one of three nodes: that one stays, and the status says that it was too
    // little.
    const Words words = Words{cluster_sim_path()} + enlist(names[2], stage.url(), {"--secret", exhausted});
    Program partly({words, {}, stage.folder.path()});
    CHECK(partly.wait_for("registered 1 of 3 nodes"));
    CHECK(partly.wait_for("used up"));
    CHECK(partly.wait_for("keep running"));
    partly.signal(SIGTERM);
    CHECK(partly.wait().status == failure);
    CHECK(stage.host_states().size() == 1);
}

TEST_CASE("a manager that restarts in the middle of a registration gets every node all the same") {
    Stage stage;
    stage.start_manager();
    stage.setup(16);
    Program simulator = stage.serve(stage.register_words());
    REQUIRE(simulator.wait_for("registering 4/16"));
    stage.manager().signal(SIGKILL);
    stage.manager().wait();
    stage.start_manager();
    CHECK_MESSAGE(simulator.wait_for("registered 16 of 16 nodes"), simulator.err());
    CHECK(stage.host_states().size() == 16);
}

TEST_SUITE_END();
