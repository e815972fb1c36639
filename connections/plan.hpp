// What is to be done: the whole run as it was asked for, and the share of one worker. Travels as JSON.
#pragma once

#include "connections/engine/schedule.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace csim::connections {

BOOST_DEFINE_ENUM_CLASS(Protocol, any, h2, h1)
/// Which connections may go on without an SSL object, and when they sleep.
BOOST_DEFINE_ENUM_CLASS(Hibernate, automatic, always, never)
/// Which TLS session a connection offers to continue: none, its own last one, or the last one of any.
BOOST_DEFINE_ENUM_CLASS(Resume, off, own, shared)
BOOST_DEFINE_ENUM_CLASS(Reconnect, always, never, limited)
BOOST_DEFINE_ENUM_CLASS(Closing, graceful, fin, rst)
BOOST_DESCRIBE_ENUM(Cadence, none, constant, poisson, rate, think)
BOOST_DESCRIBE_ENUM(Phase, spread, random, aligned)
BOOST_DESCRIBE_ENUM(Jitter, none, equal, full)

struct Target {
    std::string host;  ///< as given: for the certificate, SNI and the Host field
    std::uint16_t port = 443;
    std::string path = "/";
    std::vector<std::string> addresses;  ///< numeric
};
BOOST_DESCRIBE_STRUCT(Target, (), (host, port, path, addresses))

struct Plan {
    std::vector<Target> targets;
    std::uint64_t connections = 1000;
    double ramp_rate = 500;  ///< new connections per second over all workers; 0: as fast as the window lets
    unsigned in_flight = 0;  ///< 0: chosen
    bool in_flight_fixed = false;
    Duration settle = 5s;
    Duration hold = 60s;
    Duration ramp_limit{};  ///< give up waiting for the rest of the ramp; 0: chosen
    Protocol protocol = Protocol::any;

    Cadence cadence = Cadence::constant;
    Duration period = 30s;
    Duration period_high{};
    Phase phase = Phase::spread;
    bool first_at_once = false;  ///< a request as soon as a connection is ready, besides the schedule
    std::string method = "GET";
    std::string path;  ///< empty: the target's; filled in as FilledText says, and so are the next two
    std::string body;
    std::vector<std::string> headers;  ///< `Name: value`
    unsigned backlog_max = 16;

    Duration timeout_connect = 10s;
    Duration timeout_handshake = 15s;
    Duration timeout_request = 30s;
    Reconnect reconnect = Reconnect::always;
    unsigned reconnect_limit = 0;
    Duration backoff_low = 1s, backoff_high = 60s;
    double backoff_factor = 2;
    Jitter backoff_jitter = Jitter::full;
    double churn_rate = 0;  ///< voluntary closings per second over all workers
    Duration lifetime{};    ///< 0: without end
    Duration h2_ping{};     ///< of silence until an HTTP/2 connection is asked whether it lives; 0: never
    Closing closing = Closing::graceful;

    std::string certificate_file, key_file;                ///< one for all
    std::string identity_ca_certificate, identity_ca_key;  ///< one for each, made by this authority
    std::string ca_file;
    bool verify = true;
    int tls_min = 0x0303, tls_max = 0x0304;
    std::string ciphersuites;
    Hibernate hibernate = Hibernate::automatic;
    Resume resume = Resume::off;
    std::uint64_t records_per_key = 1u << 23;
    std::vector<std::string> sources;
    std::uint64_t seed = 1;
};
BOOST_DESCRIBE_STRUCT(
    Plan, (),
    (targets, connections, ramp_rate, in_flight, in_flight_fixed, settle, hold, ramp_limit, protocol, cadence,
     period, period_high, phase, first_at_once, method, path, body, headers, backlog_max, timeout_connect,
     timeout_handshake, timeout_request, reconnect, reconnect_limit, backoff_low, backoff_high,
     backoff_factor, backoff_jitter, churn_rate, lifetime, h2_ping, closing, certificate_file, key_file,
     identity_ca_certificate, identity_ca_key, ca_file, verify, tls_min, tls_max, ciphersuites, hibernate,
     resume, records_per_key, sources, seed)
)

/// Connections [first, first + count) of a plan, and this worker's part of rate and window.
struct Share {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    double ramp_rate = 0;
    double churn_rate = 0;
    unsigned in_flight = 64;
    std::string source;  ///< numeric; empty: the kernel's choice
};
BOOST_DESCRIBE_STRUCT(Share, (), (first, count, ramp_rate, churn_rate, in_flight, source))

/// `https://host[:port][/path]`. Errors: bad_argument, with what is wrong.
Result<Target> parse_target(const std::string& url);
/// Fills in the addresses. Errors: unreachable.
Result<Target> resolved(Target target);

SchedulePlan schedule_of(const Plan& plan);
Backoff backoff_of(const Plan& plan);

/// Contiguous shares for `workers` workers, sums exact. `sources` are given out by turns.
std::vector<Share> shares_of(const Plan& plan, std::uint64_t first, std::uint64_t count, std::size_t workers);

std::string plan_text(const Plan& plan, const Share& share);
/// Errors: bad_argument.
Result<std::pair<Plan, Share>> parse_plan(const std::string& text);

}  // namespace csim::connections
