// bench_http: requests per second over keep-alive HTTPS, by turns with others against the same server, and
// what the benchmark's probes cost. Source: performance target 7.
#include "benchmark/bench_report.hpp"
#include "benchmark/connections/peers.hpp"
#include "benchmark/connections/process.hpp"
#include "benchmark/connections/roles.hpp"
#include "benchmark/connections/throwaway_authority.hpp"
#include "benchmark/drive/prober.hpp"
#include "core/result.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace csim {
namespace {

constexpr std::size_t requests_per_run = 100'000;
constexpr double probes_per_second = 1000;
constexpr Duration probing = 10s;

struct Folder {
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "csim-bench-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw Fatal("cannot make a temporary folder");
        path = pattern;
        const ThrowawayAuthority authority;
        const ThrowawayPair server = authority.server();
        std::ofstream(path + "/server.key") << server.key;
        std::ofstream(path + "/server.crt") << server.certificate;
        std::ofstream(path + "/ca.crt") << authority.certificate_pem();
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string path;
};

/// `requests_per_second`, as our client prints it.
double ours(const Folder& folder, std::uint16_t port) {
    ChildProcess child({this_program(), "--role", "requests", folder.path, std::to_string(port)});
    std::istringstream lines(child.rest());
    double rate = 0;
    for (std::string name, value; lines >> name >> value;)
        if (name == "requests_per_second") rate = std::atof(value.c_str());
    if (rate <= 0) throw Fatal("our own client did not finish");
    return rate;
}

/// Cores that probing at a constant rate takes, the whole process counted.
double probe_cost(std::uint16_t port) {
    Timeline timeline(wall_now());
    EventLoop loop(timeline, Pace::realtime());
    HttpsClientOptions options;
    options.host = "127.0.0.1";
    options.port = port;
    HttpsClient client(loop, options);
    ProbeLedger ledger({"/api/host/"});
    Prober prober(timeline, client, ledger, {{"/agent/message/?n=1"}, probes_per_second, 10s, 256});
    prober.start();
    loop.run_until(timeline.now() + 1s);  // connections are made
    const double before = cpu_seconds();
    const SimTime began = timeline.now();
    loop.run_until(began + probing);
    const double took = static_cast<double>((timeline.now() - began).count()) * 1e-9;
    const double cores = (cpu_seconds() - before) / took;
    prober.stop();
    ledger.close_interval(timeline.now(), true);
    if (static_cast<double>(ledger.paths()[0].latency.count()) < 0.9 * probes_per_second * took)
        throw Fatal("the probes were not answered");
    return cores;
}

int bench(const std::vector<std::string>& arguments) {
    const int runs = std::stoi(bench_option(arguments, "--runs").value_or("5"));
    const Folder folder;
    ChildProcess server({this_program(), "--role", "server", folder.path});
    const auto port = static_cast<std::uint16_t>(std::stoul(server.line()));
    BenchReport report;
    report.add_command("bench_http --runs " + std::to_string(runs));
    std::vector<std::function<double()>> turns{[&] { return ours(folder, port); }};
    std::vector<std::string> names;
    const auto add_peer = [&](const std::string& name, const std::function<std::optional<PeerRun>()>& run) {
        const auto first = run();
        if (!first) return;
        report.add_command(first->command);
        names.push_back(name);
        turns.emplace_back([run] {
            const auto again = run();
            return again ? again->per_second : 0;
        });
    };
    add_peer("h2load", [&] { return run_h2load(port, requests_per_run); });
    add_peer("wrk", [&] { return run_wrk(port, 2); });
    const auto spreads = alternate(runs, turns);
    Figure rate{"requests_per_second", spreads[0].median, "1/s", {}, Figure::Better::higher, {}};
    rate.spread = spreads[0];
    report.add(rate);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const double target = names[i] == "wrk" ? 0.7 : 0.8;
        Figure ratio{"ratio_to_" + names[i],
                     spreads[0].median / spreads[i + 1].median,
                     "",
                     target,
                     Figure::Better::higher,
                     {}};
        report.add(ratio);
        Figure peer{"requests_per_second_of_" + names[i],
                    spreads[i + 1].median,
                    "1/s",
                    {},
                    Figure::Better::higher,
                    {}};
        peer.spread = spreads[i + 1];
        report.add(peer);
    }
    report.add({"cores_at_1000_probes_per_second", probe_cost(port), "", 0.1, Figure::Better::lower, {}});
    report.deliver(arguments);
    return report.all_met() ? 0 : 1;
}

int play(const std::vector<std::string>& words) {
    if (words[2] == "server") return serve_until_killed(words.at(3));
    return measure_requests(static_cast<std::uint16_t>(std::stoul(words.at(4))), requests_per_run, 64);
}

}  // namespace
}  // namespace csim

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv, argv + argc);
    try {
        return words.size() > 3 && words[1] == "--role" ? csim::play(words) : csim::bench(words);
    } catch (const csim::Fatal& fatal) {
        std::cerr << fatal.what() << std::endl;
        return fatal.status;
    }
}
