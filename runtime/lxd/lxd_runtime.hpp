// Nodes that are instances of an LXD host, by its REST API: over its Unix socket, or HTTPS with a client
// certificate. Source: spec/containers.md §3.
#pragma once

#include "core/event_loop.hpp"
#include "net/https_client.hpp"
#include "runtime/node_runtime.hpp"

#include <memory>
#include <string>

namespace csim {

struct LxdOptions {
    std::string socket;              ///< absolute path; empty: HTTPS
    std::string host = "localhost";  ///< of HTTPS
    std::uint16_t port = 8443;
    std::string server_certificate;  ///< file; the one certificate that the server must show
    std::string client_key_pem, client_certificate_pem;
    std::string image = "base";         ///< alias of the nodes' usual base
    std::string mark = "cluster-sim";   ///< what this runtime's own instances bear; others are never touched
    std::size_t connections_max = 256;  ///< operations in flight at once; more wait in line
    Duration patience =
        std::chrono::seconds(30);  ///< of one request, but for those that wait for an operation
};

class LxdRuntime final : public NodeRuntime {
  public:
    /// Throws Fatal if the certificates cannot be used.
    LxdRuntime(EventLoop& loop, Timeline& timeline, LxdOptions options);
    ~LxdRuntime() override;

    std::string_view backend() const override { return "lxd"; }
    RuntimeAbilities abilities() override;
    Ticket create(NodeSpec spec, Duration limit, Answer<Done> answer) override;
    Ticket start(std::string name, Duration limit, Answer<Done> answer) override;
    Ticket exec(std::string name, ExecSpec spec, Duration limit, Answer<ExecResult> answer) override;
    Ticket read_file(std::string name, std::string path, Duration limit, Answer<NodeFile> answer) override;
    Ticket write_file(std::string name, std::string path, NodeFile file, Duration limit, Answer<Done> answer)
        override;
    Ticket stats(std::string name, Duration limit, Answer<NodeStats> answer) override;
    Ticket stop(std::string name, Duration grace, Duration limit, Answer<Done> answer) override;
    Ticket destroy(std::string name, Duration limit, Answer<Done> answer) override;
    Ticket list(Duration limit, Answer<std::vector<NodeInfo>> answer) override;
    Ticket add_network(std::string name, Duration limit, Answer<Done> answer) override;
    Ticket remove_network(std::string name, Duration limit, Answer<Done> answer) override;
    void cancel(Ticket ticket) override;
    void watch(UniqueFunction<void(const Change&)> watcher) override;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Where a daemon of this machine listens: LXD_SOCKET, LXD_DIR, or the usual places; empty: nowhere.
std::string find_lxd_socket();
/// Empty when somebody answers there; otherwise one sentence.
std::string why_no_lxd(const std::string& socket);

}  // namespace csim
