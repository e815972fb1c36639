// The routines that stress a container host, against a simulated LXD: what they count, what they find, and
// that nothing is left of them.
#include "tests/lxd/host_bench.hpp"
#include "tests/programs/program.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <fstream>

TEST_SUITE_BEGIN("lxd/stress");

using namespace csim;

namespace {

Launch benchmark(const HostBench& host, std::vector<std::string> arguments) {
    const std::string routine = arguments.front();
    arguments.front() = std::string(CSIM_BIN_DIR) + "/cluster-sim-benchmark";
    arguments.insert(arguments.begin() + 1, {routine, "--backend", "lxd", "--socket", host.path});
    return {arguments};
}

Json report_in(const std::filesystem::path& path) {
    std::ifstream in(path);
    return Json::parse(in, nullptr, false);
}

std::size_t instances(HostBench& host) {
    return host.json("GET", "/1.0/instances")["metadata"].size();
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("twenty instances live and go, four at a time, and every phase is measured") {
    HostBench host;
    const auto file = host.folder / "report.json";
    const Ended ended =
        run_program(benchmark(host, {"container_lifecycle", "--count", "20", "--report", file.string()}));
    INFO(ended.out, ended.err);
    CHECK(ended.status == 0);
    CHECK(holds(ended.out, "cnd-20 DONE"));
    CHECK(holds(ended.out, "Ubuntu 14.04.2 LTS"));
    const Json report = report_in(file);
    CHECK(report["ok"] == 20);
    CHECK(report["peak_in_flight"] == 4);
    for (const char* phase : {"create", "start", "exec", "stop", "destroy"}) {
        CAPTURE(phase);
        CHECK(report["phases"][phase]["n"] == 20);
        CHECK(report["phases"][phase]["p50_ms"] > 0);
    }
    CHECK(report["kernel"]["memory"]["before"] > 0);
    CHECK(report["kernel"]["memory"]["at_failure"].is_null());
    CHECK(instances(host) == 0);
}

// Proves: container 24.
TEST_CASE("what wedges is told from what fails, with evidence, and other people's instances stay") {
    HostBench host;
    host.launch("mine");
    CHECK(
        host.control("POST", "/faults", {{"kind", "wedge"}, {"phase", "start"}, {"name", "cnd-03"}}).status ==
        201
    );
    CHECK(
        host.control(
                "POST", "/faults",
                {{"kind", "error"},
                 {"method", "PUT"},
                 {"path", "/1.0/instances/cnd-05"},
                 {"times", 1},
                 {"text", "no luck"}}
        ).status == 201
    );
    const auto file = host.folder / "report.json";
    const Ended ended = run_program(benchmark(
        host, {"container_lifecycle", "--count", "12", "--timeout", "start=4", "--report", file.string()}
    ));
    INFO(ended.out, ended.err);
    CHECK(ended.status == 5);
    CHECK(holds(ended.out, "first wedge: "));
    CHECK(holds(ended.out, "evidence: the host answers its list:"));
    CHECK(holds(ended.out, "evidence: cnd-03 wedged in start"));
    CHECK(holds(ended.err, "cnd-05: start: PUT state refused: no luck"));
    const Json report = report_in(file);
    // On a machine that is very busy others may outlast the limit, too.
    CHECK(report["wedged"] >= 1);
    CHECK(report["failed"] == 1);
    CHECK(report["ok"].get<int>() + report["wedged"].get<int>() + report["failed"].get<int>() == 12);
    CHECK(report["kernel"]["pids"]["at_failure"] > 0);
    CHECK(report["limiting_resource"].is_string());
    // The wedged one is beyond the benchmark's power; the failed one is not.
    CHECK(report["leftovers"] == 1);
    CHECK(instances(host) == 2);
    CHECK(host.control("POST", "/reboot").status == 200);
    CHECK(host.json("GET", "/1.0/instances/mine")["metadata"]["status"] == "Stopped");
}

TEST_CASE("Ctrl-C ends what is in flight in order and leaves nothing") {
    for (const char* variant : {"cnd", "overlay"}) {
        CAPTURE(variant);
        HostBench host;
        const auto file = host.folder / "report.json";
        Program program(benchmark(
            host,
            {"container_lifecycle", "--count", "100000", "--variant", variant, "--report", file.string()}
        ));
        REQUIRE(program.wait_for("DONE"));
        program.signal(SIGINT);
        const Ended ended = program.wait();
        INFO(ended.out, ended.err);
        CHECK(ended.status == 0);
        const Json report = report_in(file);
        CHECK(report["interrupted"] == true);
        CHECK(report["ok"] > 0);
        CHECK(report["not_started"] > 0);
        CHECK(instances(host) == 0);
    }
}

// Proves: container 23.
TEST_CASE("the density of a host is found to the instance, and the resource has a name") {
    LxdHostOptions options;
    options.model = *host_model("namespaces");
    REQUIRE(limit_nodes(options.model, "pids", 23).has_value());
    HostBench host(std::move(options));
    const auto file = host.folder / "report.json";
    const Ended ended = run_program(benchmark(
        host,
        {"container_density", "--max", "100", "--list_ms", "60000", "--step", "10", "--report", file.string()}
    ));
    INFO(ended.out, ended.err);
    CHECK(ended.status == 0);
    CHECK(holds(ended.out, "limit: 23 instances"));
    CHECK(holds(ended.out, "limiting resource: pids"));
    const Json report = report_in(file);
    CHECK(report["limit"] == 23);
    CHECK(report["limiting_resource"] == "pids");
    CHECK(report["steps"].size() == 3);
    CHECK(instances(host) == 0);
}

TEST_CASE("a simulated host's density is found, too, with what each instance takes") {
    const TempFolder folder;
    const auto file = folder / "report.json";
    const Ended ended = run_program(
        {{std::string(CSIM_BIN_DIR) + "/cluster-sim-benchmark", "container_density", "--backend", "simulated",
          "--limit", "memory=704", "--report", file.string()}}
    );
    INFO(ended.out, ended.err);
    CHECK(ended.status == 0);
    const Json report = report_in(file);
    CHECK(report["limit"] == 704);
    CHECK(report["limiting_resource"] == "memory");
    CHECK(report["resources"][0]["name"] == "memory");
    CHECK(report["resources"][0]["would_fit"].get<double>() == doctest::Approx(704));
}

TEST_CASE("a stress that cannot begin says why in one sentence") {
    const TempFolder folder;
    struct Case {
        std::vector<std::string> arguments;
        int status;
        const char* says;
    };
    const std::string nobody = (folder / "nobody").string();
    const Case cases[] = {
        {{"container_lifecycle", "--backend", "lxd", "--socket", nobody}, 4, "no LXD answers at"},
        {{"container_density", "--backend", "lxd", "--socket", nobody}, 4, "no LXD answers at"},
        {{"container_lifecycle", "--backend", "simulated", "--timeout", "fly=1"}, 2, "is not PHASE=SECONDS"},
        {{"container_density", "--backend", "simulated", "--limit", "courage=1"}, 2, "there is no resource"},
    };
    for (const Case& each : cases) {
        std::vector<std::string> command{std::string(CSIM_BIN_DIR) + "/cluster-sim-benchmark"};
        command.insert(command.end(), each.arguments.begin(), each.arguments.end());
        const Ended ended = run_program({command});
        CAPTURE(each.says);
        INFO(ended.err);
        CHECK(ended.status == each.status);
        CHECK(holds(ended.err, each.says));
    }
}

TEST_CASE("rows of a run are written, lines come live, and a second clean-up finds nothing") {
    HostBench host;
    const std::string csv = (host.folder / "rows.csv").string(), jtl = (host.folder / "rows.jtl").string(),
                      trace = (host.folder / "trace.txt").string();
    const auto text_in_file = [](const std::string& path) {
        std::ifstream in(path);
        return std::string{std::istreambuf_iterator<char>(in), {}};
    };
    const auto run = [&](std::vector<std::string> more) {
        std::vector<std::string> all{"container_lifecycle", "--count", "3", "--name_prefix", "r-"};
        all.insert(all.end(), more.begin(), more.end());
        const Ended ended = run_program(benchmark(host, all));
        INFO(ended.out, ended.err);
        CHECK(ended.status == 0);
        return ended.out;
    };
    run({"--report", csv, "--trace", trace});
    CHECK(text_in_file(csv).starts_with("name,phase,start_ns,end_ns,result,resource\nr-1,create,"));
    CHECK(std::ranges::count(text_in_file(csv), '\n') == 1 + 3 * 5);
    CHECK(holds(text_in_file(trace), " r-3 DONE\n"));
    run({"--report", jtl, "--report_format", "jmeter", "--trace", "none"});
    CHECK(holds(run({"--report", jtl, "--report_format", "jmeter", "--trace", "live"}), " r-2 DONE\n"));
    CHECK(std::ranges::count(text_in_file(jtl), '\n') == 1 + 2 * 3 * 5);
    run({"--variant", "overlay", "--width", "4"});
    CHECK(instances(host) == 3);
    CHECK(run({"--stop_all"}) == "3 stopped\n");
    CHECK(run({"--stop_all"}) == "0 stopped\n");
    CHECK(run({"--delete_leftovers", "1-2"}) == "2 removed, 0 left\nnot in 1-2: r-0003\n");
    CHECK(run({"--stop_all", "--delete_leftovers", "all"}) == "0 stopped\n1 removed, 0 left\n");
    CHECK(run({"--delete_leftovers", "all"}) == "0 removed, 0 left\n");
    for (const std::vector<std::string>& wrong :
         {std::vector<std::string>{"--delete_leftovers", "5-1"},
          {"--delete_leftovers", "x"},
          {"--trace", "liv"}}) {
        std::vector<std::string> all{"container_lifecycle"};
        all.insert(all.end(), wrong.begin(), wrong.end());
        const Ended ended = run_program(benchmark(host, all));
        CAPTURE(ended.err);
        CHECK(ended.status == 2);
    }
}

TEST_CASE("what hangs is written down when something wedges") {
    HostBench host;
    const std::string dump = (host.folder / "dump.txt").string();
    host.control(
        "POST", "/faults", {{"kind", "wedge"}, {"phase", "start"}, {"name", "cnd-1"}, {"recovers", 1}}
    );
    const Ended ended = run_program(benchmark(
        host, {"container_lifecycle", "--count", "2", "--timeout", "start=1", "--on_wedge", "dump", "--dump",
               dump, "--watch", "list"}
    ));
    INFO(ended.err);
    CHECK(ended.status == 5);
    CHECK(holds(ended.err, "what hangs is written to " + dump));
    std::ifstream in(dump);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    CHECK(holds(text, "cnd-1 start "));
    CHECK(holds(text, " cluster-sim-ben\n"));
    CHECK(holds(text, "# mounts\n"));
    // The forced stop of the clean-up ended the wedge.
    CHECK(instances(host) == 0);
}

TEST_SUITE_END();
