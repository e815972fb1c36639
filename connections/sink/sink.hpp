// A lean HTTPS server for the other end of load tests: HTTP/1.1 and HTTP/2, long polls, hibernation of its
// own connections. One thread, one epoll set.
#pragma once

#include "connections/engine/span_histogram.hpp"
#include "connections/sink/faults.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace csim::connections {

struct SinkOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;                ///< 0: any
    int backlog = 0;                       ///< 0: what the system allows
    std::string certificate_pem, key_pem;  ///< empty: made on the spot
    std::string client_ca_file;
    bool require_client = false;
    bool h2 = true, h1 = true;
    int tickets = 0;
    bool hibernate = true;
    std::string ciphersuites;
    int tls_max = 0x0304;
    std::size_t connections_max = 0;  ///< 0: what the descriptors allow
    Nanos idle_timeout = 0;           ///< 0: none
    FaultPlan fault;
};

struct SinkCounts {
    std::uint64_t accepted = 0, open = 0, opened_max = 0;
    std::uint64_t handshakes = 0, failed_handshakes = 0, over_h2 = 0;
    std::uint64_t requests = 0, replies = 0, client_certificates = 0;
    std::uint64_t asleep = 0, hibernated = 0, accept_pauses = 0, faults = 0;
    std::uint64_t key_updates_received = 0, key_updates_sent = 0;
    /// One JSON object, in one line.
    std::string json() const;
};

class Sink {
  public:
    using Clock = std::function<Nanos()>;

    /// Listens. Throws Fatal when it cannot.
    Sink(const SinkOptions& options, Clock clock);
    ~Sink();
    Sink(const Sink&) = delete;

    std::uint16_t port() const;
    /// PEM; what a client has to trust.
    const std::string& certificate_pem() const;
    /// Waits for at most `limit` and does what there is to do.
    void step(Nanos limit);
    SinkCounts counts() const;

    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace csim::connections
