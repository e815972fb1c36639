// Real processes of nodes: made in namespaces of their own, found again by their mark, watched by descriptor.
#pragma once

#include "core/result.hpp"
#include "runtime/init/init.hpp"
#include "runtime/node_types.hpp"

#include <atomic>
#include <string>
#include <sys/types.h>
#include <vector>

namespace csim {

/// A process and the descriptor that stands for it, which no later process of the same number can take.
class NodeProcess {
  public:
    NodeProcess() = default;
    NodeProcess(pid_t pid, int fd) : pid_(pid), fd_(fd) {}
    NodeProcess(NodeProcess&& other) noexcept;
    NodeProcess& operator=(NodeProcess&& other) noexcept;
    ~NodeProcess();

    pid_t pid() const { return pid_; }
    int fd() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    bool has_ended() const;
    void signal(int number) const;
    /// True once it has ended and, if it was a child, has been reaped. Blocks for at most `limit`.
    bool wait(Duration limit) const;

  private:
    pid_t pid_ = 0;
    int fd_ = -1;
};

/// The program that nodes begin with; beside this program or in its libexec folder. Fails with not_found.
Result<std::string> init_program();

/// What a node's process gets: `namespaces` are CLONE_NEW flags; `arguments` as init/settings.hpp reads them,
/// the first being its mark. Descriptors `report` and `maker` are inherited.
struct Spawn {
    int init_fd = -1;
    int namespaces = 0;
    std::vector<std::string> arguments;
    int report = -1;
    int maker = -1;
};
/// Errors: limit (EAGAIN, ENOMEM, ENOSPC: names the candidate), denied, internal. All signals are blocked in
/// the child until it looks.
NodeResult<NodeProcess> spawn(const Spawn& what);
/// Why a process could not be made.
NodeError spawn_error(int error);

/// A process that bears a mark of ours.
struct MarkedProcess {
    pid_t pid = 0;
    std::string run, name;
};
/// First processes of nodes on this machine; of one run, or of all when `run` is empty.
std::vector<MarkedProcess> marked_processes(const std::string& run);
/// The process, if it still bears that mark now that nobody can take its number. Empty otherwise.
NodeProcess open_marked(const MarkedProcess& marked);

/// Runs a program in the namespaces of `node`. Blocks until it ends, or until `limit` has passed or
/// `*cancelled`, when it is killed. Errors: busy (the node ended), timeout, cancelled, internal.
NodeResult<ExecResult> run_in(
    const NodeProcess& node, const ExecSpec& spec, Duration limit, const std::atomic<bool>& cancelled
);

/// Where in the kernel a process waits; empty if nobody says.
std::string wait_channel(pid_t pid);
/// Nanoseconds of the machine's monotonic clock.
std::int64_t monotonic_ns();
/// When the process began, in the kernel's ticks; 0: there is none.
std::uint64_t start_ticks(pid_t pid);

/// The limit that most likely stands behind an error number of a call about processes, mounts or links.
std::string limit_behind(int error, std::string_view call);

}  // namespace csim
