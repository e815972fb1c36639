// The programs and the shell of simulated nodes.
#include "tests/vcluster/fixture.hpp"

TEST_SUITE_BEGIN("vcluster/commands");

using namespace csim;

namespace {

const char* const one_node =
    R"({"name": "one", "daemons": [{"host": "h", "listen_port": 5}], "env": {"SITE": "lab"}})";

struct Case {
    const char* text;
    int status;
    const char* out;
};

void check(Cluster& cluster, std::initializer_list<Case> cases) {
    for (const Case& each : cases) {
        CAPTURE(each.text);
        RunRequest request;
        request.shell = each.text;
        request.merged = true;
        const ExecResult ran = cluster.run(cluster.node("node-1"), request);
        CHECK(ran.status == each.status);
        CHECK(ran.out == each.out);
    }
}

}  // namespace

TEST_CASE("the shell understands what test suites write") {
    ClusterFixture fixture;
    Cluster cluster = fixture.create(one_node);
    check(
        cluster,
        {{"echo $SITE ${SITE} \"$SITE x\" '$SITE' \\$SITE", 0, "lab lab lab x $SITE $SITE\n"},
         {"A=1; B=$A$A; export B; echo $B; echo ${C:-none}", 0, "11\nnone\n"},
         {"false || echo or; true && echo and; ! true; echo $?", 0, "or\nand\n1\n"},
         {"for i in 1 2 {5..7}; do echo -n $i; done; echo", 0, "12567\n"},
         {"i=x; while [ $i != xxx ]; do i=${i}x; done; echo $i", 0, "xxx\n"},
         {"if [ -d /etc ] && [ ! -e /nothing ]; then echo yes; elif true; then echo no; else echo never; fi",
          0, "yes\n"},
         {"echo one two | tr a-z A-Z | cut -d ' ' -f 2", 0, "TWO\n"},
         {"cat <<END\nsite $SITE\nEND", 0, "site lab\n"},
         {"cat <<'END'\nsite $SITE\nEND", 0, "site $SITE\n"},
         {"x=$(echo in; echo ner); echo \"$x\"", 0, "in\nner\n"},
         {"(cd /tmp; pwd); pwd", 0, "/tmp\n/\n"},
         {"echo a >/tmp/f; echo b >>/tmp/f; cat </tmp/f; cat /none 2>/dev/null", 1, "a\nb\n"},
         {"cat /none 2>&1 | grep -c 'No such'", 0, "1\n"},
         {"set -e; false; echo never", 1, ""},
         {"printf '%s-%03d\\n' a 7 b 8", 0, "a-007\nb-008\n"},
         {"[[ abc == a* ]] && echo matched", 0, "matched\n"},
         {"echo 'a b' | while read x y; do echo $y$x; done", 0, "ba\n"},
         {"touch /tmp/a1 /tmp/a2; echo /tmp/a?", 0, "/tmp/a1 /tmp/a2\n"},
         {"sleep 2 & wait; echo done", 0, "done\n"},
         {"exit 300", 44, ""}}
    );
}

// Proves: vcluster C63.
TEST_CASE("C63: what is not modelled says so, and never that it worked") {
    ClusterFixture fixture;
    Cluster cluster = fixture.create(one_node);
    check(
        cluster, {{"python3 -c 1", 127,
                   "cluster-sim: python3: not modelled on simulated nodes (try 'vcluster commands', or a "
                   "real backend)\n"},
                  {"ls --color", 2, "cluster-sim: ls: option '--color' not modelled\n"},
                  {"case x in x) ;; esac", 2, "cluster-sim: shell: line 1: 'case' not modelled\n"},
                  {"echo\necho $((1+1))", 2, "cluster-sim: shell: line 2: '$((' not modelled\n"},
                  {"f() { true; }", 2, "cluster-sim: shell: line 1: '(' not modelled\n"},
                  {"echo `date`", 2, "cluster-sim: shell: line 1: '`' not modelled\n"},
                  {"/root/none", 127, "bash: /root/none: No such file or directory\n"}}
    );
    for (const char* name :
         {"gcc", "apt-get", "perl", "gdb", "vi", "docker", "mount", "systemctl", "curl", "nmap", ""}) {
        CAPTURE(name);
        RunRequest request;
        request.command = {name};
        CHECK(cluster.run(cluster.node("node-1"), request).status == 127);
    }
}

TEST_CASE("files behave as with GNU's tools, errors included") {
    ClusterFixture fixture;
    Cluster cluster = fixture.create(one_node);
    check(
        cluster,
        {{"cat /x", 1, "cat: /x: No such file or directory\n"},
         {"mkdir /a/b", 1, "mkdir: cannot create directory '/a/b': No such file or directory\n"},
         {"mkdir -p /a/b; ls -d /a/b; rm /a", 1, "/a/b\nrm: cannot remove '/a': Is a directory\n"},
         {"echo one >/a/f; cp /a/f /a/b; mv /a/f /a/g; ls -1 /a /a/b", 0, "/a:\nb\ng\n/a/b:\nf\n"},
         {"ln -s /a/g /a/l; cat /a/l; rm -r /a; ls /a", 2,
          "one\nls: cannot access '/a': No such file or directory\n"},
         {"echo x >/t; chmod 640 /t; chown munge:munge /t; stat -c '%a %U %G %s' /t", 0,
          "640 munge munge 2\n"},
         {"printf 'b\\na\\nb\\n' | sort | uniq -c", 0, "      1 a\n      2 b\n"},
         {"printf '1\\n2\\n3\\n' | sed -n 2p; echo aXbX | sed s/X/-/g", 0, "2\na-b-\n"},
         {"printf '1\\n2\\n3\\n' | tail -n 1; printf '1\\n2\\n3\\n' | head -2 | wc -l", 0, "3\n2\n"},
         {"echo abc | sha256sum", 0, "edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb  -\n"},
         {"find /etc -name 'host*' -type f | sort", 0, "/etc/hostname\n/etc/hosts\n"},
         {"basename /a/b.c .c; dirname /a/b.c", 0, "b\n/a\n"}}
    );
}

// Proves: vcluster C20.
TEST_CASE("C20: programs end as they should, with their user, environment, folder and input") {
    ClusterFixture fixture;
    Cluster cluster = fixture.create(one_node);
    const PlannedNode& node = cluster.node("node-1");
    RunRequest request;
    request.command = {"cat"};
    request.input = std::string("\0\1\xff", 3) + std::string(1 << 20, 'x');
    CHECK(cluster.run(node, request).out == request.input);
    request = {};
    request.shell = "whoami; echo $HOME $X; pwd";
    request.user = "munge";
    request.env = {{"X", "over"}};
    request.folder = "/tmp";
    CHECK(cluster.run(node, request).out == "munge\n/nonexistent over\n/tmp\n");
    request = {};
    request.command = {"true"};
    request.user = "nobody-here";
    CHECK(fatal_status([&] { cluster.run(node, request); }) == cluster_status::not_found);
    CHECK(run(cluster, "node-1", "kill -9 $$").status == 137);
    request = {};
    request.shell = "sleep 100 & sleep 200";
    request.limit = 1s;
    CHECK(fatal_status([&] { cluster.run(node, request); }) == cluster_status::timeout);
    CHECK(run(cluster, "node-1", "pgrep -c sleep").out == "0\n");
    request = {};
    request.command = {"sleep", "100"};
    request.detached = true;
    CHECK(cluster.run(node, request).status == 0);
    const ExecResult seen = run(cluster, "node-1", "pgrep -x sleep");
    CHECK(seen.status == 0);
    CHECK(run(cluster, "node-1", "pgrep -c ldmsd").status == 1);
    CHECK(run(cluster, "node-1", "pgrep").status == 2);
    CHECK(
        run(cluster, "node-1", "tr '\\0' ' ' </proc/" + seen.out.substr(0, seen.out.size() - 1) + "/cmdline")
            .out == "sleep 100 "
    );
}

// Proves: vcluster C21.
TEST_CASE("C21: files of any bytes come back as they were written") {
    ClusterFixture fixture;
    Cluster cluster = fixture.create(one_node);
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    for (const std::string& content : {all, std::string(), std::string(2u << 20, '\xab')}) {
        NodeFile file;
        file.content = content;
        cluster.write(cluster.node("h"), "/root/bytes", file);
        CHECK(cluster.read(cluster.node("h"), "/root/bytes").content == content);
    }
    CHECK(fatal_status([&] {
              cluster.write(cluster.node("h"), "/no/such/folder", {});
          }) == cluster_status::failed);
    CHECK(fatal_status([&] { cluster.write(cluster.node("h"), "relative", {}); }) == cluster_status::invalid);
    cluster.write(cluster.node("h"), "/made/on/the/way", {}, true);
    std::string told;
    CHECK(fatal_status([&] { cluster.read(cluster.node("h"), "/none"); }, &told) == cluster_status::failed);
    CHECK(told == "cannot read node-1:/none: No such file or directory");
}

// Proves: vcluster C32, C33.
TEST_CASE("C32 and C33: ssh and munge work from everywhere once they are started, and not before") {
    ClusterFixture fixture;
    Cluster cluster = fixture.create(duo_spec);
    CHECK(run(cluster, "cn1", "ssh hub hostname").status == 255);
    CHECK(run(cluster, "cn1", "munge -n").status == 6);
    start_services(cluster, "sshd", "");
    start_services(cluster, "munged", "");
    for (const char* from : {"cn1", "hub", "service"})
        for (const char* to : {"node-1", "hub", "10.213.0.3", "service"}) {
            CAPTURE(to);
            CHECK(run(cluster, from, std::string("ssh ") + to + " 'exit 5'").status == 5);
        }
    const std::string credential = run(cluster, "service", "munge -n").out;
    NodeFile file;
    file.content = credential;
    cluster.write(cluster.node("cn1"), "/tmp/credential", file);
    CHECK(
        run(cluster, "cn1", "unmunge </tmp/credential | head -n 1").out == "STATUS:           Success (0)\n"
    );
    CHECK(run(cluster, "cn1", "stat -c '%a %U' /etc/munge/munge.key").out == "600 munge\n");
    run(cluster, "hub",
        "pkill -x munged; printf '%040d' 1 >/etc/munge/munge.key; su -s /bin/bash munge -c munged");
    cluster.write(cluster.node("hub"), "/tmp/credential", file);
    CHECK(run(cluster, "hub", "unmunge </tmp/credential").err == "unmunge: Error: Invalid credential\n");
}

// Proves: vcluster C30.
TEST_CASE("C30: starting and stopping twice is once") {
    ClusterFixture fixture;
    Cluster cluster = fixture.create(example_spec());
    for (const char* service : {"sshd", "munged", "slurm", "ldmsd"}) {
        CAPTURE(service);
        for (const ServiceState& each : start_services(cluster, service, ""))
            if (each.service != "munged") CHECK(each.state == "started");
        for (const ServiceState& each : start_services(cluster, service, ""))
            CHECK(each.state == "already running");
    }
    for (const ServiceState& each : service_status(cluster)) CHECK(each.state == "running");
    for (int i = 0; i < 2; ++i)
        for (const ServiceState& each : stop_services(cluster, "all", "")) CHECK(each.state == "stopped");
    for (const ServiceState& each : service_status(cluster)) CHECK(each.state == "stopped");
    start_services(cluster, "all", "");
    CHECK(fatal_status([&] { start_services(cluster, "nfsd", ""); }) == cluster_status::invalid);
    CHECK(fatal_status([&] { start_services(cluster, "ldmsd", "node-5"); }) == cluster_status::invalid);
}

TEST_SUITE_END();
