// bench_connections: what a connection costs, in bytes and in CPU time, beside what others need for the same.
// Source: performance targets 2, 6 and 7.
#include "benchmark/bench_report.hpp"
#include "benchmark/connections/peers.hpp"
#include "benchmark/connections/process.hpp"
#include "benchmark/connections/roles.hpp"
#include "benchmark/connections/throwaway_authority.hpp"
#include "core/result.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <unistd.h>

namespace csim {
namespace {

constexpr std::size_t identities = 9000;
constexpr std::size_t requests_per_run = 150'000;

struct Folder {
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "csim-bench-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw Fatal("cannot make a temporary folder");
        path = pattern;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string path;
};

void write_keys(const std::string& folder) {
    const ThrowawayAuthority authority;
    const auto write = [&](const std::string& name, const std::string& text) {
        std::ofstream(folder + "/" + name) << text;
    };
    const ThrowawayPair server = authority.server();
    write("server.key", server.key);
    write("server.crt", server.certificate);
    write("ca.crt", authority.certificate_pem());
    std::string all;
    for (std::size_t i = 0; i < identities; ++i) {
        const ThrowawayPair pair = authority.client("agent" + std::to_string(i), static_cast<long>(i) + 1000);
        if (i == 0) write("client.key", pair.key);
        if (i == 0) write("client.crt", pair.certificate);
        all += pair.key + '\f' + pair.certificate + '\f';
    }
    write("clients.txt", all);
}

using Measures = std::map<std::string, double>;

struct Bench {
    Folder folder;
    ChildProcess server;
    std::uint16_t port;
    BenchReport report;

    Bench() : server(start_server()), port(static_cast<std::uint16_t>(std::stoul(server.line()))) {}

    std::vector<std::string> start_server() {
        write_keys(folder.path);
        return {this_program(), "--role", "server", folder.path};
    }

    std::vector<std::string> role(const std::string& name) const {
        return {this_program(), "--role", name, folder.path, std::to_string(port)};
    }

    static void parse(Measures& into, const std::string& text) {
        std::istringstream lines(text);
        for (std::string name, value; lines >> name >> value;) {
            if (name == "failed") throw Fatal("a request of the benchmark failed: " + text);
            into[name] = std::atof(value.c_str());
        }
    }

    /// Runs our client; adds what the server spent meanwhile as `server_cpu`.
    Measures run(const std::string& name) {
        const double before = cost_of(server.pid()).cpu_seconds;
        Measures measures;
        ChildProcess child(role(name));
        parse(measures, child.rest());
        measures["server_cpu"] = cost_of(server.pid()).cpu_seconds - before;
        return measures;
    }

    void memory();
    void connects(int runs);
    void requests(int runs);
};

void Bench::memory() {
    for (const std::string kind : {"memory", "memory-paired", "memory-hibernating"}) {
        // A server of its own for each, so that its memory is new as well.
        ChildProcess own(std::vector<std::string>{this_program(), "--role", "server", folder.path});
        const std::string own_port = own.line();
        const std::size_t before = cost_of(own.pid()).resident_bytes;
        ChildProcess child({this_program(), "--role", kind, folder.path, own_port});
        Measures measures;
        parse(measures, child.line() + "\n" + child.line());
        const double server_bytes =
            static_cast<double>(cost_of(own.pid()).resident_bytes - before) / identities;
        const double slope = measures["bytes_per_connection"];
        if (kind == "memory-hibernating") {
            report.add(
                {"client_bytes_per_agent_hibernating", 2 * slope, "B", 5'600.0, Figure::Better::lower, {}}
            );
        } else if (kind == "memory-paired") {
            report.add({"client_bytes_per_agent_of_two", 2 * slope, "B", 56'000.0, Figure::Better::lower, {}}
            );
        } else {
            report.add({"client_bytes_per_connection", slope, "B", 28'000.0, Figure::Better::lower, 44'800.0}
            );
            report.add({"server_bytes_per_connection", server_bytes, "B", 28'000.0, Figure::Better::lower, {}}
            );
        }
    }
}

void Bench::connects(int runs) {
    std::vector<double> full, full_server, resumed, resumed_server, peer;
    for (int i = 0; i < runs; ++i) {
        const auto ours = run("connects");
        full.push_back(ours.at("connects") / ours.at("cpu"));
        full_server.push_back(ours.at("connects") / ours.at("server_cpu"));
        if (const auto theirs = run_s_time(port, folder.path, 2)) {
            peer.push_back(theirs->per_second);
            if (i == 0) report.add_command(theirs->command);
        }
        const auto again = run("resumes");
        if (again.at("resumed") < again.at("connects")) throw Fatal("sessions were not resumed");
        resumed.push_back(again.at("connects") / again.at("cpu"));
        resumed_server.push_back(again.at("connects") / again.at("server_cpu"));
    }
    const auto best = peer.empty() ? std::nullopt : std::optional(median(peer));
    report.add(
        {"full_connects_per_client_cpu_second", median(full), "1/s", 1600.0, Figure::Better::higher, best}
    );
    report.add(
        {"full_connects_per_server_cpu_second", median(full_server), "1/s", {}, Figure::Better::higher, {}}
    );
    report.add(
        {"resumed_connects_per_client_cpu_second", median(resumed), "1/s", 3800.0, Figure::Better::higher, {}}
    );
    report.add(
        {"resumed_connects_per_server_cpu_second",
         median(resumed_server),
         "1/s",
         {},
         Figure::Better::higher,
         {}}
    );
}

void Bench::requests(int runs) {
    std::map<std::string, std::vector<double>> rate, client_us, server_us;
    const auto note = [&](const std::string& who, double per_second, double client, double server_cpu) {
        rate[who].push_back(per_second);
        client_us[who].push_back(client);
        server_us[who].push_back(server_cpu);
    };
    for (int i = 0; i < runs; ++i) {
        const auto ours = run("requests");
        note(
            "ours", ours.at("requests_per_second"), ours.at("cpu_us_per_request"),
            1e6 * ours.at("server_cpu") / requests_per_run
        );
        for (const bool wrk : {false, true}) {
            const double before = cost_of(server.pid()).cpu_seconds;
            const auto theirs = wrk ? run_wrk(port, 2) : run_h2load(port, requests_per_run);
            if (!theirs) continue;
            const double spent = cost_of(server.pid()).cpu_seconds - before;
            note(
                wrk ? "wrk" : "h2load", theirs->per_second, 1e6 * theirs->cpu_seconds / theirs->count,
                1e6 * spent / theirs->count
            );
            if (i == 0) report.add_command(theirs->command);
        }
    }
    const double ours = median(rate["ours"]);
    report.add({"requests_per_second", ours, "1/s", {}, Figure::Better::higher, {}});
    for (const auto& [who, target] : {std::pair<std::string, double>{"h2load", 0.8}, {"wrk", 0.7}}) {
        if (rate[who].empty()) continue;
        const double peer = median(rate[who]);
        report.add({"requests_per_second_of_" + who, peer, "1/s", {}, Figure::Better::higher, {}});
        report.add({"ratio_to_" + who, ours / peer, "", target, Figure::Better::higher, {}});
    }
    for (const auto& [who, values] : client_us) {
        report.add({"client_cpu_us_per_request_" + who, median(values), "us", {}, Figure::Better::lower, {}});
        report.add(
            {"server_cpu_us_per_request_" + who, median(server_us[who]), "us", {}, Figure::Better::lower, {}}
        );
    }
}

int play(const std::vector<std::string>& words) {
    const std::string& role = words.at(2);
    const std::string& folder = words.at(3);
    if (role == "server") return serve_until_killed(folder);
    const auto port = static_cast<std::uint16_t>(std::stoul(words.at(4)));
    if (role == "memory") return measure_memory(folder, port, 1, false);
    if (role == "memory-paired") return measure_memory(folder, port, 2, false);
    if (role == "memory-hibernating") return measure_memory(folder, port, 2, true);
    if (role == "connects") return measure_connects(folder, port, false);
    if (role == "resumes") return measure_connects(folder, port, true);
    return measure_requests(port, requests_per_run, 64);
}

int bench(const std::vector<std::string>& arguments) {
    const int runs = std::stoi(bench_option(arguments, "--runs").value_or("5"));
    Bench all;
    all.report.add_command("bench_connections --runs " + std::to_string(runs));
    all.memory();
    all.connects(runs);
    all.requests(runs);
    all.report.deliver(arguments);
    return all.report.all_met() ? 0 : 1;
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
