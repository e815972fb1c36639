// The embedded manager behind HTTPS: `/agent/…`, `/api/…`, the authority's certificate and a live page.
#pragma once

#include "core/event_loop.hpp"
#include "manager/manager.hpp"
#include "manager/power/fence_driver.hpp"
#include "manager/storage/control_port_source.hpp"
#include "net/http_server.hpp"

#include <memory>
#include <string>
#include <vector>

namespace csim {

struct ManagerServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8000;  ///< 0: any free one
    /// Names that the server's certificate is valid for, beside localhost and 127.0.0.1.
    std::vector<std::string> names;
    std::size_t signing_threads = 1;
    FenceOptions fence;               ///< how power devices are reached
    ControlPort simulator;            ///< where storage controllers are asked
    std::size_t connections_max = 0;  ///< 0: from the descriptor limit
    Duration delay_per_host{};        ///< a fault: every answer of the API waits so long for each host
    std::size_t leak_per_answer = 0;  ///< a fault: every request of the API loses so many bytes
    ManagerOptions manager;           ///< an empty `url` is made from the first name and the port
};

class ManagerServer {
  public:
    /// Loads or makes the authority, then listens at once. Throws Fatal when it cannot.
    ManagerServer(
        Timeline& timeline, Inbox& inbox, Documents& documents, Rng rng, Trace* trace,
        ManagerServerOptions options
    );
    ~ManagerServer();

    std::uint16_t port() const;
    const std::string& url() const;
    ManagerCore& core();
    HttpServerStats stats() const;
    /// How power devices are reached, for people.
    std::string power_client() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The page at `/`: self-contained, kept up to date by a long poll.
const std::string& live_page();

}  // namespace csim
