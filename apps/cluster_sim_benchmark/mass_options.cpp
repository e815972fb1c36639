#include "apps/cluster_sim_benchmark/mass_options.hpp"

#include "apps/cluster_sim_benchmark/options.hpp"
#include "connections/sink/routes.hpp"

#include <CLI/Validators.hpp>

namespace csim {
namespace {

void add_shape(CLI::App& c, MassOptions& o) {
    c.add_option("target", o.targets, "https://HOST[:PORT[-PORT]][/PATH]; several are used by turns")
        ->type_name("URL");
    c.add_option("--connections", o.connections, "How many to hold, such as 1000, 20k or 500k")
        ->type_name("N")
        ->capture_default_str();
    c.add_option("--workers", o.workers, "Processes; 0: as many as descriptors and cores ask for")
        ->check(CLI::Range(0, 4096))
        ->type_name("N")
        ->capture_default_str();
    c.add_option("--ramp", o.ramp, "New connections a second (500/s), or over how long (2m), or max")
        ->type_name("RATE")
        ->capture_default_str();
    c.add_option("--in_flight", o.plan.in_flight, "How many may be in the making at once; 0: up to 1024")
        ->check(CLI::Range(0, 60000))
        ->type_name("N")
        ->capture_default_str();
    c.add_flag(
        "--in_flight_fixed", o.plan.in_flight_fixed, "Do not halve that when connecting takes a second"
    );
    add_duration(c, "--settle", o.plan.settle, "A rest between ramp and hold");
    add_duration(c, "--hold", o.plan.hold, "How long to hold them");
    add_duration(
        c, "--ramp_limit", o.plan.ramp_limit, "Hold what there is when the ramp takes longer; 0s: chosen"
    );
    c.add_option("--reconnect", o.reconnect, "always, never or a number of times for each")
        ->type_name("HOW")
        ->capture_default_str();
    c.add_option("--backoff", o.backoff, "Waits before trying again")
        ->type_name("MIN..MAX,factor=F,jitter=full|equal|none")
        ->capture_default_str();
    c.add_option("--churn", o.plan.churn_rate, "Close and reopen so many a second, by chance")
        ->check(CLI::Range(0.0, 1e6))
        ->type_name("N")
        ->capture_default_str();
    add_duration(
        c, "--h2_ping", o.plan.h2_ping, "PING an HTTP/2 connection that was silent for so long; 0s: never"
    );
    add_duration(c, "--lifetime", o.plan.lifetime, "Close and reopen each after so long; 0s: never");
    c.add_option("--close", o.closing, "How to end them")
        ->check(CLI::IsMember({"graceful", "fin", "rst"}))
        ->type_name("HOW")
        ->capture_default_str();
    c.add_option(
         "--source", o.sources, "Address or range (127.1.0.1-127.1.0.9) to connect from; may be given again"
    )
        ->type_name("ADDR");
}

void add_requests(CLI::App& c, MassOptions& o) {
    c.add_option(
         "--schedule", o.schedule,
         "constant:PERIOD, poisson:MEAN of each; rate:N a second over all; think:SPAN or none"
    )
        ->type_name("KIND:VALUE")
        ->capture_default_str();
    c.add_option("--phase", o.phase, "Where in its period each begins")
        ->check(CLI::IsMember({"spread", "random", "aligned"}))
        ->type_name("HOW")
        ->capture_default_str();
    c.add_option(
         "--first_request", o.first_request,
         "immediate: one as soon as a connection is ready, besides the schedule"
    )
        ->check(CLI::IsMember({"scheduled", "immediate"}))
        ->type_name("WHEN")
        ->capture_default_str();
    c.add_option(
         "--request", o.request, "METHOD or METHOD:PATH; {index}, {request}, {random:N}, {uuid} are filled in"
    )
        ->type_name("WHAT")
        ->capture_default_str();
    c.add_option(
         "--request_file", o.request_file,
         "Instead: 'METHOD PATH', lines 'Name: value', an empty line, the body; filled in as well"
    )
        ->type_name("FILE");
    c.add_option("--body", o.plan.body, "What is sent with each request")->type_name("TEXT");
    c.add_option("--header", o.plan.headers, "'Name: value'; may be given again")->type_name("FIELD");
    c.add_option(
         "--max_backlog", o.plan.backlog_max,
         "Due requests that may wait for a connection; older ones are given up"
    )
        ->check(CLI::Range(1, 100000))
        ->type_name("N")
        ->capture_default_str();
    add_duration(c, "--timeout_connect", o.plan.timeout_connect, "For TCP");
    add_duration(c, "--timeout_handshake", o.plan.timeout_handshake, "For TLS");
    add_duration(c, "--timeout_request", o.plan.timeout_request, "For an answer");
}

void add_tls(CLI::App& c, MassOptions& o) {
    c.add_option("--protocol", o.protocol, "What ALPN offers")
        ->check(CLI::IsMember({"auto", "h2", "h1"}))
        ->type_name("NAME")
        ->capture_default_str();
    c.add_option(
         "--hibernate", o.hibernate,
         "Keep idle TLS 1.3 connections as traffic keys alone; never: OpenSSL keeps all"
    )
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->type_name("WHEN")
        ->capture_default_str();
    c.add_option(
         "--resume", o.resume,
         "When a connection is opened again, continue the TLS session of its own last one, or of any"
    )
        ->check(CLI::IsMember({"off", "own", "shared"}))
        ->type_name("WHOSE")
        ->capture_default_str();
    c.add_option("--ca", o.plan.ca_file, "Authorities to trust (default: the system's)")->type_name("FILE");
    c.add_option("--verify", o.verify, "Check the server's certificate and name")
        ->check(CLI::IsMember({"full", "none"}))
        ->type_name("HOW")
        ->capture_default_str();
    c.add_option("--client_cert", o.client_cert, "none, or CERT,KEY for all of them")
        ->type_name("FILES")
        ->capture_default_str();
    c.add_option(
         "--identity_ca", o.identity_ca,
         "CERT,KEY of an authority: each connection gets a certificate of its own"
    )
        ->type_name("FILES");
    c.add_option("--tls_min", o.tls_min, "")
        ->check(CLI::IsMember({"1.2", "1.3"}))
        ->type_name("VERSION")
        ->capture_default_str();
    c.add_option("--tls_max", o.tls_max, "")
        ->check(CLI::IsMember({"1.2", "1.3"}))
        ->type_name("VERSION")
        ->capture_default_str();
    c.add_option("--ciphersuites", o.plan.ciphersuites, "Of TLS 1.3, as OpenSSL spells them")
        ->type_name("LIST");
    c.add_option("--progress", o.progress, "A line each second")
        ->check(CLI::IsMember({"auto", "plain", "json", "off"}))
        ->type_name("HOW")
        ->capture_default_str();
    c.add_option("--rank0", o.rank0, "Under mpirun or srun: where rank 0 is, if they do not tell")
        ->type_name("HOST[:PORT]");
    c.add_flag(
        "--i_may_load_this_target", o.may_load,
        "The target is not on this machine or in a private network, and yours to load"
    );
}

void add_sink(CLI::App& app, SinkCommandOptions& o, std::function<int()>& body) {
    CLI::App& c =
        *app.add_subcommand("sink", "A lean HTTPS server (HTTP/1.1, HTTP/2) for the other end of such tests");
    c.add_option("--listen", o.listen, "HOST:PORT; further workers listen at the ports above it")
        ->type_name("HOST:PORT")
        ->capture_default_str();
    c.add_option("--workers", o.workers, "Processes, a port each")
        ->check(CLI::Range(1, 4096))
        ->type_name("N")
        ->capture_default_str();
    c.add_option("--backlog", o.sink.backlog, "Of the listening sockets; 0: what the system allows")
        ->check(CLI::Range(0, 65535))
        ->type_name("N")
        ->capture_default_str();
    c.add_option("--cert", o.certificate, "PEM; without it one is made on the spot, for localhost")
        ->type_name("FILE");
    c.add_option("--key", o.key, "Its key")->type_name("FILE");
    c.add_option("--ca_out", o.ca_out, "Write the certificate here, for clients to trust")->type_name("FILE");
    c.add_option("--client_ca", o.sink.client_ca_file, "Authorities of client certificates")
        ->type_name("FILE");
    c.add_option("--client_auth", o.client_auth, "")
        ->check(CLI::IsMember({"none", "request", "require"}))
        ->type_name("HOW")
        ->capture_default_str();
    c.add_option("--alpn", o.protocol, "What may be chosen")
        ->check(CLI::IsMember({"auto", "h2", "h1"}))
        ->type_name("NAME")
        ->capture_default_str();
    c.add_option("--tickets", o.sink.tickets, "TLS 1.3 session tickets to send")
        ->check(CLI::Range(0, 100))
        ->type_name("N")
        ->capture_default_str();
    c.add_option("--hibernate", o.hibernate, "As for connections")
        ->check(CLI::IsMember({"auto", "never"}))
        ->type_name("WHEN")
        ->capture_default_str();
    c.add_option("--max_connections", o.sink.connections_max, "Of each worker; 0: what descriptors allow")
        ->type_name("N")
        ->capture_default_str();
    add_duration(c, "--idle_timeout", o.idle_timeout, "Close what says nothing for so long; 0s: never");
    c.add_option("--fault", o.fault, "Misbehave: NAME or NAME=SHARE of connections")->type_name("NAME");
    c.add_option("--ready_file", o.ready_file, "Write this once all ports are open")->type_name("FILE");
    std::string footer = "Paths:\n";
    for (const auto& each : connections::route_help())
        footer += "  " + std::string(each.path) + ": " + each.what + "\n";
    footer += "Faults:";
    for (const auto each : connections::all_faults()) footer += " " + std::string(connections::text_of(each));
    c.footer(footer);
    c.callback([&o, &body] { body = [&o] { return sink_command(o); }; });
}

}  // namespace

void add_mass(
    CLI::App& app, MassOptions& o, SinkCommandOptions& sink, RunOptions& run, std::function<int()>& body
) {
    CLI::App& c = *app.add_subcommand(
        "connections",
        "Hold up to half a million TLS connections to HTTPS servers, ask on them when it is due, and report"
    );
    add_shape(c, o);
    add_requests(c, o);
    add_tls(c, o);
    c.callback([&o, &run, &body] { body = [&o, &run] { return connections_command(o, run); }; });
    add_sink(app, sink, body);
    CLI::App& worker = *app.add_subcommand("connections_worker", "");
    worker.group("");
    worker.add_option("control", o.control)->required();
    worker.callback([&o, &body] { body = [&o] { return worker_command(o); }; });
}

}  // namespace csim
