// Real nodes: pid, net, mnt, uts and ipc namespaces, an overlay on tmpfs, a port of a bridge. Needs root.
#pragma once

#include "core/event_loop.hpp"
#include "runtime/namespaces/ledger.hpp"
#include "runtime/node_runtime.hpp"

namespace csim {

struct NamespacesOptions {
    std::string folder;  ///< the stage; made and unmade by this runtime
    std::string base;    ///< a folder with a root file system; below every node, never written to
    std::string purpose = "test";
    std::string size = "2G";   ///< of the tmpfs
    std::uint64_t inodes = 0;  ///< of the tmpfs; 0: as many as the kernel thinks fit
    bool kept = false;         ///< nodes outlive this object and its process
    bool adopt = false;        ///< take over the stage that stands in `folder`
    std::size_t makers = 3;    ///< threads that make nodes
    LedgerFolder ledgers = LedgerFolder();
};

/// Why this machine cannot make such nodes, in one sentence; empty if it can.
std::string why_no_namespaces();

class NamespacesRuntime final : public NodeRuntime {
  public:
    /// Sets the stage, or adopts it with the nodes on it. Throws Fatal; nothing is left behind then.
    /// Requires: a paced loop; `base` exists.
    NamespacesRuntime(EventLoop& loop, Timeline& timeline, NamespacesOptions options);
    /// Takes everything down, unless it is kept.
    ~NamespacesRuntime() override;

    std::string_view backend() const override { return "namespaces"; }
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
    /// There is one network, the run's own; its bridges grow with the nodes. These do nothing.
    Ticket add_network(std::string name, Duration limit, Answer<Done> answer) override;
    Ticket remove_network(std::string name, Duration limit, Answer<Done> answer) override;
    void start_all(std::vector<std::string> names, Duration limit, EachAnswer answer) override;
    void stop_all(std::vector<std::string> names, Duration grace, Duration limit, EachAnswer answer) override;
    void cancel(Ticket ticket) override;
    void watch(UniqueFunction<void(const Change&)> watcher) override;

    /// What to do when a node is started: the job, the address. For adopted nodes, whose specs were another
    /// process's. Requires: the node exists and is not running.
    void respecify(NodeSpec spec);
    /// From the start call until it was ready; zero: it never was, or under another process.
    Duration boot_time(const std::string& name) const;
    Ledger& ledger();
    void save_ledger();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace csim
