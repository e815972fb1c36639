// bench_honesty: at a constant rate, a stall of one second in ten is in the figures as it is in the world.
// Source: performance target 8.
#include "benchmark/bench_report.hpp"
#include "benchmark/connections/process.hpp"
#include "benchmark/drive/prober.hpp"
#include "core/result.hpp"
#include "net/http_server.hpp"

#include <cmath>
#include <iostream>
#include <sstream>

namespace csim {
namespace {

constexpr Duration period = 10s, stall = 1s;
constexpr double probes_per_second = 200;

/// Answers at once, but for one second in ten in which it keeps everybody waiting.
class StallingServer {
  public:
    int run() {
        Timeline timeline(wall_now());
        EventLoop loop(timeline, Pace::realtime());
        std::vector<Responder> held;
        bool stalled = false;
        HttpServer server(loop, HttpServerOptions{}, [&](HttpRequest, const Peer&, Responder responder) {
            if (stalled) return held.push_back(std::move(responder));
            responder.reply({200, {}, "{}"});
        });
        std::function<void()> cycle = [&] {
            timeline.after(period - stall, [&] { stalled = true; });
            timeline.after(period, [&] {
                stalled = false;
                for (Responder& each : held) each.reply({200, {}, "{}"});
                held.clear();
                cycle();
            });
        };
        cycle();
        std::cout << server.port() << std::endl;
        loop.run();
        return 0;
    }
};

/// Of arrivals spread evenly over the period: those within the stall wait for the rest of it.
double true_quantile_ms(double q) {
    const double whole = std::chrono::duration<double>(period).count(),
                 part = std::chrono::duration<double>(stall).count();
    return 1000 * std::max(part - (1 - q) * whole, 0.0);
}

struct Reported {
    double p99_ms = 0, p95_ms = 0;
};

Reported ours(std::uint16_t port, int periods) {
    Timeline timeline(wall_now());
    EventLoop loop(timeline, Pace::realtime());
    HttpsClientOptions options;
    options.host = "127.0.0.1";
    options.port = port;
    options.tls = false;
    HttpsClient client(loop, options);
    ProbeLedger ledger({"/"});
    Prober prober(timeline, client, ledger, {{"/"}, probes_per_second, 10s, 512});
    prober.start();
    loop.run_until(timeline.now() + period * periods);
    prober.stop();
    loop.run_until(timeline.now() + 2 * stall);
    ledger.close_interval(timeline.now(), true);
    const auto ms = [&](double q) {
        return static_cast<double>(ledger.paths()[0].latency.quantile(q).count()) * 1e-6;
    };
    return {ms(0.99), ms(0.95)};
}

/// The 99 % line of `wrk --latency`, in ms.
std::optional<double> wrk_p99(std::uint16_t port, int seconds, std::string& command) {
    if (!program_exists("wrk")) return std::nullopt;
    command = "wrk --latency -t1 -c10 -d" + std::to_string(seconds) +
              "s http://127.0.0.1:" + std::to_string(port) + "/";
    std::vector<std::string> words;
    std::istringstream split(command);
    for (std::string word; split >> word;) words.push_back(word);
    ChildProcess child(words);
    const std::string output = child.rest();
    const auto at = output.find("99%");
    if (at == std::string::npos) return std::nullopt;
    char* unit = nullptr;
    const double value = std::strtod(output.c_str() + at + 3, &unit);
    return value * (*unit == 'u' ? 0.001 : *unit == 's' ? 1000 : 1);
}

int bench(const std::vector<std::string>& arguments) {
    const int periods = std::stoi(bench_option(arguments, "--periods").value_or("3"));
    ChildProcess server({this_program(), "--role", "server"});
    const auto port = static_cast<std::uint16_t>(std::stoul(server.line()));
    BenchReport report;
    report.add_command("bench_honesty --periods " + std::to_string(periods));
    const Reported reported = ours(port, periods);
    const double truth = true_quantile_ms(0.99);
    report.add({"true_p99_ms", truth, "ms", {}, Figure::Better::lower, {}});
    report.add({"reported_p99_ms", reported.p99_ms, "ms", {}, Figure::Better::lower, {}});
    report.add(
        {"error_of_p99", std::abs(reported.p99_ms - truth) / truth, "", 0.05, Figure::Better::lower, {}}
    );
    report.add(
        {"error_of_p95",
         std::abs(reported.p95_ms - true_quantile_ms(0.95)) / true_quantile_ms(0.95),
         "",
         0.05,
         Figure::Better::lower,
         {}}
    );
    std::string command;
    const int seconds = static_cast<int>(periods * std::chrono::duration<double>(period).count());
    if (const auto theirs = wrk_p99(port, seconds, command)) {
        report.add_command(command);
        report.add({"reported_p99_ms_of_wrk", *theirs, "ms", {}, Figure::Better::lower, {}});
        report.add(
            {"error_of_p99_of_wrk", std::abs(*theirs - truth) / truth, "", {}, Figure::Better::lower, {}}
        );
    }
    report.deliver(arguments);
    return report.all_met() ? 0 : 1;
}

}  // namespace
}  // namespace csim

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv, argv + argc);
    try {
        return words.size() > 2 && words[1] == "--role" ? csim::StallingServer().run() : csim::bench(words);
    } catch (const csim::Fatal& fatal) {
        std::cerr << fatal.what() << std::endl;
        return fatal.status;
    }
}
