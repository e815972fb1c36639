// `connections`, `sink` and the worker processes of both.
#pragma once

#include "benchmark/report/outputs.hpp"
#include "connections/fleet/coordinator.hpp"
#include "connections/plan.hpp"
#include "connections/sink/sink.hpp"
#include "core/time.hpp"

#include <CLI/App.hpp>

#include <functional>
#include <string>
#include <vector>

namespace csim {

/// As the command line says it; made into a plan by connections_command().
struct MassOptions {
    std::vector<std::string> targets;
    connections::Plan plan;
    std::string connections = "1k";
    std::string ramp = "500/s", schedule = "constant:30s", backoff = "1s..60s,factor=2,jitter=full";
    std::string protocol = "auto", hibernate = "auto", resume = "off", reconnect = "always", phase = "spread",
                closing = "graceful";
    std::string first_request = "scheduled", request = "GET", verify = "full", client_cert = "none",
                identity_ca;
    std::string tls_min = "1.2", tls_max = "1.3";
    std::string request_file;
    std::vector<std::string> sources;
    std::size_t workers = 0;
    std::string rank0;
    std::string progress = "auto";
    bool may_load = false;
    int control = -1;  ///< of a worker
};

struct SinkCommandOptions {
    connections::SinkOptions sink;
    std::string listen = "127.0.0.1:9443";
    std::string certificate, key, fault, protocol = "auto", hibernate = "auto", client_auth = "none";
    std::string ca_out, ready_file;
    Duration idle_timeout{};
    std::size_t workers = 1;
};

struct RunOptions;
void add_mass(
    CLI::App& app, MassOptions& options, SinkCommandOptions& sink, RunOptions& run, std::function<int()>& body
);

/// Makes the plan of what was typed. Throws Fatal (2) with one sentence.
connections::Plan plan_of(const MassOptions& options, std::uint64_t seed);
/// Its request, of the options or of a file. Throws Fatal (2), too.
void set_request(connections::Plan& plan, const MassOptions& options);
int connections_command(const MassOptions& options, const RunOptions& run);
int sink_command(const SinkCommandOptions& options);
int worker_command(const MassOptions& options);

}  // namespace csim
