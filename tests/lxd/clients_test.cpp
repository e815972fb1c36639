// A session with each of LXD's own clients, unmodified, against the program.
#include "net/child_processes.hpp"
#include "tests/programs/program.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

TEST_SUITE_BEGIN("lxd/clients");

using namespace csim;

namespace {

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The program, a hundred times as fast as the real thing, and the surroundings of its clients.
struct Host {
    TempFolder folder;
    const std::string socket = (folder / "unix.socket").string(), ready = (folder / "ready").string();
    Program program{
        {{cluster_sim_path(), "lxd-host", "--socket", socket, "--listen", "127.0.0.1:0", "--trust_password",
          "sekret", "--speed", "100", "--image", "small", "--ready_file", ready}}};
    std::string port;

    Host() {
        REQUIRE(program.wait_for("ready http"));
        const std::string mark = "https port ";
        const auto at = program.out().find(mark) + mark.size();
        port = program.out().substr(at, program.out().find('\n', at) - at);
    }
    Ended run(std::vector<std::string> command) const {
        return run_program(
            {std::move(command),
             {{"LXD_SOCKET", socket},
              {"LXD_DIR", folder.path().string()},
              {"LXD_CONF", (folder / "conf").string()}},
             folder.path()}
        );
    }
    Ended lxc(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "lxc");
        return run(std::move(arguments));
    }
    /// Runs it and says what it printed, when it ended as it should.
    std::string out(std::vector<std::string> arguments, int status = 0) const {
        const Ended ended = lxc(arguments);
        std::string words;
        for (const std::string& each : arguments) words += each + " ";
        INFO(words, "said ", ended.out, ended.err);
        CHECK(ended.status == status);
        return ended.out + ended.err;
    }
};

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

bool missing(const char* program, const char* package) {
    if (!find_program(program).empty()) return false;
    MESSAGE("skipped: there is no ", program, " here; it is in the Debian package ", package);
    return true;
}

/// An image as people make them: a packed tarball with a description.
void pack_image(const Host& host) {
    const auto root = host.folder / "image";
    std::filesystem::create_directories(root / "rootfs/etc");
    std::ofstream(root / "rootfs/etc/issue") << "a small system\n";
    std::ofstream(root / "metadata.yaml")
        << "architecture: x86_64\ncreation_date: 1428421302\nproperties:\n  description: small and mine\n";
    CHECK(
        host.run({"tar", "-C", root.string(), "-czf", "mine.tar.gz", "metadata.yaml", "rootfs"}).status == 0
    );
}

}  // namespace

// Proves: container 12.
TEST_CASE("lxc imports, launches, looks, executes, moves files, stops and deletes") {
    if (missing("lxc", "lxd-client")) return;
    const Host host;
    pack_image(host);
    CHECK(holds(
        host.out({"image", "import", "mine.tar.gz", "--alias", "mine"}), "Image imported with fingerprint"
    ));
    CHECK(holds(host.out({"image", "list"}), "small and mine"));
    host.out({"launch", "mine", "c1"});
    CHECK(holds(host.out({"list", "-c", "ns4"}), "| c1   | RUNNING | 10."));
    CHECK(holds(host.out({"info", "c1"}), "Status: RUNNING"));
    CHECK(host.out({"exec", "c1", "--", "cat", "/etc/issue"}) == "a small system\n");
    CHECK(host.out({"exec", "c1", "--", "sh", "-c", "echo err >&2; exit 7"}, 7) == "err\n");
    CHECK(holds(host.out({"exec", "c1", "--", "/nosuch"}, 127), "Command not found"));
    std::ofstream(host.folder / "h.txt") << "hello\n";
    host.out({"file", "push", "-p", "h.txt", "c1/root/a/h.txt"});
    CHECK(host.out({"file", "pull", "c1/root/a/h.txt", "-"}) == "hello\n");
    host.out({"file", "pull", "-r", "c1/root/a", "."});
    CHECK(text_of(host.folder / "a/h.txt") == "hello\n");
    CHECK(holds(host.out({"file", "pull", "c1/nosuch", "-"}, 1), "Not Found"));
    host.out({"config", "set", "c1", "user.a", "b"});
    CHECK(holds(host.out({"config", "show", "c1"}), "user.a: b"));
    host.out({"snapshot", "c1", "s1"});
    CHECK(holds(host.out({"info", "c1"}), "s1"));
    host.out({"copy", "c1", "c2"});
    CHECK(holds(host.out({"launch", "mine", "c1"}, 1), "already exists"));
    CHECK(holds(host.out({"launch", "nosuch", "x"}, 1), "Image not found"));
    CHECK(holds(host.out({"delete", "c1"}, 1), "running"));
    host.out({"restart", "-f", "c1"});
    host.out({"stop", "c1"});
    host.out({"delete", "c1"});
    host.out({"delete", "-f", "c2"});
    host.out({"image", "export", "mine", "back"});
    CHECK(text_of(host.folder / "back.tar.gz") == text_of(host.folder / "mine.tar.gz"));
    host.out({"init", "mine", "p1"});
    host.out({"publish", "p1", "--alias", "published"});
    host.out({"launch", "published", "p2"});
    CHECK(host.out({"exec", "p2", "--", "cat", "/etc/issue"}) == "a small system\n");
    host.out({"delete", "-f", "p1", "p2"});
    host.out({"image", "delete", "mine"});
    CHECK(host.out({"query", "/1.0/instances"}) == "[]\n\n");
}

// Proves: container 15.
TEST_CASE("a remote is added by password or token, and by neither it is not") {
    if (missing("lxc", "lxd-client")) return;
    const Host host;
    const std::string at = "127.0.0.1:" + host.port;
    CHECK(holds(
        host.out({"remote", "add", "far", at, "--accept-certificate", "--password", "wrong"}, 1),
        "not authorized"
    ));
    host.out({"remote", "add", "far", at, "--accept-certificate", "--password", "sekret"});
    host.out({"launch", "far:small", "far:c1"});
    CHECK(host.out({"exec", "far:c1", "--", "hostname"}) == "c1\n");
    CHECK(holds(host.out({"config", "trust", "list"}), "client"));
    const std::string said = host.out({"config", "trust", "add", "--name", "other"});
    const auto from = said.find("eyJ");
    REQUIRE(from != std::string::npos);
    const std::string token = said.substr(from, said.find('\n', from) - from);
    const auto add = [&](const std::string& conf) {
        return run_program(
            {{"lxc", "remote", "add", "tok", token},
             {{"LXD_CONF", (host.folder / conf).string()}},
             host.folder.path()}
        );
    };
    CHECK(add("second").status == 0);
    CHECK(add("third").status != 0);
}

// Proves: container 13.
TEST_CASE("pylxd makes, starts, executes, writes, saves, stops and deletes") {
    const Host host;
    if (run_program({{"/usr/bin/python3", "-c", "import pylxd"}}).status != 0) {
        MESSAGE("skipped: there is no pylxd here; it is in the Debian package python3-pylxd");
        return;
    }
    std::ofstream(host.folder / "session.py") << R"(
import warnings; warnings.simplefilter('ignore')
import sys, urllib.parse, pylxd
client = pylxd.Client(endpoint='http+unix://' + urllib.parse.quote(sys.argv[1], safe=''))
assert not client.containers.exists('p1')
node = client.containers.create({'name': 'p1', 'source': {'type': 'image', 'alias': 'small'}}, wait=True)
assert node.status == 'Stopped'
node.start(wait=True)
assert node.status == 'Running' and node.state().status == 'Running'
assert node.execute(['hostname']) == (0, 'p1\n', '')
assert node.execute(['sh', '-c', 'echo no >&2; exit 7']) == (7, '', 'no\n')
assert node.execute(['cat'], stdin_payload='typed').stdout == 'typed'
node.files.put('/root/f', b'a\x00\xff')
assert node.files.get('/root/f') == b'a\x00\xff'
node.config['user.a'] = 'b'
node.save(wait=True)
assert client.containers.get('p1').config['user.a'] == 'b'
assert [each.name for each in client.containers.all()] == ['p1']
assert [each.aliases[0]['name'] for each in client.images.all()] == ['small']
node.stop(wait=True)
node.delete(wait=True)
assert not client.containers.exists('p1')
print('done')
)";
    const Ended ended = host.run({"/usr/bin/python3", "session.py", host.socket});
    INFO(ended.err);
    CHECK(ended.out == "done\n");
}

// Proves: container 14.
TEST_CASE("lxd-benchmark launches, stops, starts and deletes") {
    if (missing("lxd-benchmark", "lxd-tools")) return;
    const Host host;
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"launch", "--count", "20", "--parallel", "8", "small"},
          {"stop", "--parallel", "8"},
          {"start", "--parallel", "8"},
          {"delete", "--parallel", "8"}}) {
        std::vector<std::string> whole{"lxd-benchmark"};
        whole.insert(whole.end(), command.begin(), command.end());
        const Ended ended = host.run(whole);
        INFO(ended.out, ended.err);
        CHECK(ended.status == 0);
        CHECK(holds(ended.out + ended.err, "Batch processing completed"));
    }
}

TEST_CASE("recorded exchanges of a real daemon get answers of the same shape") {
    const char* captures = std::getenv("CSIM_CAPTURES");
    if (captures == nullptr) {
        MESSAGE("skipped: CSIM_CAPTURES names no folder of captures");
        return;
    }
    TempFolder folder;
    const std::string socket = (folder / "unix.socket").string();
    Program bare(
        {{cluster_sim_path(), "lxd-host", "--socket", socket, "--image", "none", "--uninitialised", "--speed",
          "10"}}
    );
    REQUIRE(bare.wait_for("ready http"));
    const std::string script = std::string(CSIM_SOURCE_DIR) + "/tests/lxd/replay.py";
    const Ended ended = run_program({{"python3", script, std::string(captures) + "/lxd", socket}});
    INFO(ended.out, ended.err);
    CHECK(ended.status == 0);
}

TEST_CASE("what cannot be served is refused with one sentence") {
    TempFolder folder;
    const std::string file = (folder / "file").string(), socket = (folder / "s").string();
    std::ofstream(file) << "mine";
    struct Case {
        std::vector<std::string> arguments;
        int status;
        const char* says;
    };
    const Case cases[] = {
        {{}, 2, "say where to listen"},
        {{"--socket", file}, 1, "it exists and is no socket"},
        {{"--socket", std::string(200, 'x')}, 1, "a socket's path has"},
        {{"--socket", (folder / "no/such/s").string()}, 1, "cannot listen on"},
        {{"--listen", "nonsense:port"}, 2, "is not ADDRESS:PORT"},
        {{"--socket", socket, "--control_listen", "0.0.0.0:0"}, 2, "a loopback address only"},
        {{"--socket", socket, "--model", "lxd-9"}, 2, "there is no host model 'lxd-9'"},
        {{"--socket", socket, "--limit", "memory"}, 2, "is not RESOURCE=NODES"},
        {{"--socket", socket, "--limit", "courage=7"}, 2, "there is no resource 'courage'"},
        {{"--socket", socket, "--trust_password_file", "/nosuch"}, 2, "cannot read a password"},
        {{"--socket", socket, "--populate", "1000000"}, 1, "there is not enough"},
    };
    for (const Case& each : cases) {
        std::vector<std::string> command{cluster_sim_path(), "lxd-host"};
        command.insert(command.end(), each.arguments.begin(), each.arguments.end());
        const Ended ended = run_program({command});
        CAPTURE(each.says);
        INFO(ended.err);
        CHECK(ended.status == each.status);
        CHECK(holds(ended.err, each.says));
        CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') == 1);
    }
    CHECK(text_of(file) == "mine");
    CHECK_FALSE(std::filesystem::exists(socket));
}

TEST_SUITE_END();
