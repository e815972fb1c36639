// One second of a run as everything that watches it saw it. Plain values; the JSON report holds them as they
// are.
#pragma once

#include "core/json_codec.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace csim {

/// An internal queue of the manager, from its status page.
struct QueueSample {
    double messages = 0;
    double in_rate = 0;   ///< per second
    double out_rate = 0;  ///< per second
};
BOOST_DESCRIBE_STRUCT(QueueSample, (), (messages, in_rate, out_rate))

/// The manager's process, if it is on this machine. Zero where unknown.
struct ProcessReading {
    bool known = false;
    bool alive = false;
    double cpu_cores = 0;       ///< CPU seconds per second
    double busiest_thread = 0;  ///< of them, the share of the busiest thread: 1 is all one thread can do
    double resident_bytes = 0;
    double address_bytes = 0;
    double descriptors = 0;
    double descriptors_max = 0;
    double address_bytes_max = 0;  ///< 0: no limit
};
BOOST_DESCRIBE_STRUCT(
    ProcessReading, (),
    (known, alive, cpu_cores, busiest_thread, resident_bytes, address_bytes, descriptors, descriptors_max,
     address_bytes_max)
)

/// What the kernel counted in this interval, of all programs of this machine.
struct KernelReading {
    double listen_drops = 0;      ///< connection attempts dropped because a listener's queue was full
    double syn_drops = 0;         ///< the same before the handshake was complete
    double retransmits = 0;       ///< segments
    double failed_connects = 0;   ///< attempts that never became connections
    double memory_available = 0;  ///< bytes
    double memory_total = 0;      ///< bytes
};
BOOST_DESCRIBE_STRUCT(
    KernelReading, (), (listen_drops, syn_drops, retransmits, failed_connects, memory_available, memory_total)
)

/// The benchmark itself.
struct OwnReading {
    double send_lateness_ms = 0;  ///< p99 of how late probes were sent
    double simulator_lag_ms = 0;
    double cpu_cores = 0;
    double descriptors = 0;
    double descriptors_max = 0;
    double waiting_probes = 0;  ///< due and not sent, because as many as may be are under way
};
BOOST_DESCRIBE_STRUCT(
    OwnReading, (),
    (send_lateness_ms, simulator_lag_ms, cpu_cores, descriptors, descriptors_max, waiting_probes)
)

struct Interval {
    double at = 0;  ///< seconds since the run began, of the interval's end
    std::string phase;
    bool warm_up = false;
    bool valid = true;
    std::string invalid_because;
    std::int64_t servers = 0;
    std::int64_t sessions = 0;
    double requests = 0, errors = 0, timeouts = 0;  ///< of the probes
    double p50_ms = 0, p90_ms = 0, p99_ms = 0, max_ms = 0;
    double connections = 0;  ///< rows of the manager's table of database connections
    std::map<std::string, QueueSample> queues;
    ProcessReading manager;
    KernelReading kernel;
    OwnReading own;
};
BOOST_DESCRIBE_STRUCT(
    Interval, (),
    (at, phase, warm_up, valid, invalid_because, servers, sessions, requests, errors, timeouts, p50_ms,
     p90_ms, p99_ms, max_ms, connections, queues, manager, kernel, own)
)

/// When the benchmark is the bottleneck, and not what it measures.
struct OwnLimits {
    double send_lateness_ms = 20;
    double simulator_lag_ms = 100;
    double cpu_share = 0.9;  ///< of all processors
};

/// Why the interval says nothing about the manager; empty when it does.
std::string why_invalid(const OwnReading& own, const OwnLimits& limits, double processors);

}  // namespace csim
