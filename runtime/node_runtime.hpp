// Nodes that run things, whatever they are made of: simulated, namespaces of this kernel, LXD.
#pragma once

#include "runtime/node_types.hpp"

#include <functional>
#include <memory>

namespace csim {

/// An operation that is going on; 0 is none.
using Ticket = std::uint64_t;

/// All calls and all answers on the thread of the Timeline's loop; an answer never comes within the call.
/// Every operation ends exactly once: with its result, with `timeout` after `limit`, or with `cancelled`.
/// What an operation that timed out had begun is undone, or shows in list() as wedged.
class NodeRuntime {
  public:
    template <class T>
    using Answer = UniqueFunction<void(NodeResult<T>)>;

    virtual ~NodeRuntime() = default;

    virtual std::string_view backend() const = 0;
    virtual RuntimeAbilities abilities() = 0;

    /// Errors: exists, denied (a bad name), not_found (the base), limit (names the resource).
    virtual Ticket create(NodeSpec spec, Duration limit, Answer<Done> answer) = 0;
    /// Answers when the node is ready. Errors: not_found, busy (already running), limit, internal.
    virtual Ticket start(std::string name, Duration limit, Answer<Done> answer) = 0;
    /// Errors: not_found, busy (not running). A program that cannot be run is a result, not an error.
    virtual Ticket exec(std::string name, ExecSpec spec, Duration limit, Answer<ExecResult> answer) = 0;
    /// Paths are the node's, absolute; links are followed inside the node only.
    virtual Ticket read_file(std::string name, std::string path, Duration limit, Answer<NodeFile> answer) = 0;
    virtual Ticket write_file(
        std::string name, std::string path, NodeFile file, Duration limit, Answer<Done> answer
    ) = 0;
    virtual Ticket stats(std::string name, Duration limit, Answer<NodeStats> answer) = 0;
    /// Idempotent. Asks politely and waits `grace`, then kills; zero kills at once.
    virtual Ticket stop(std::string name, Duration grace, Duration limit, Answer<Done> answer) = 0;
    /// Idempotent: absent nodes are destroyed. Errors: busy (still running).
    virtual Ticket destroy(std::string name, Duration limit, Answer<Done> answer) = 0;
    /// Only nodes that bear this runtime's mark, in the order of their names.
    virtual Ticket list(Duration limit, Answer<std::vector<NodeInfo>> answer) = 0;
    /// A bridge that nodes can be attached to. Idempotent, both.
    virtual Ticket add_network(std::string name, Duration limit, Answer<Done> answer) = 0;
    virtual Ticket remove_network(std::string name, Duration limit, Answer<Done> answer) = 0;

    /// The same for many at once, for backends that do it faster together; `answer` runs once a node.
    using EachAnswer = std::function<void(const std::string& name, NodeResult<Done>)>;
    virtual void create_all(std::vector<NodeSpec> specs, Duration limit, EachAnswer answer);
    virtual void start_all(std::vector<std::string> names, Duration limit, EachAnswer answer);
    virtual void stop_all(std::vector<std::string> names, Duration grace, Duration limit, EachAnswer answer);
    virtual void destroy_all(std::vector<std::string> names, Duration limit, EachAnswer answer);

    /// Ends the operation with `cancelled`, now-but-later, unless it has ended.
    virtual void cancel(Ticket ticket) = 0;

    struct Change {
        std::string name;
        NodeState state = NodeState::absent;
    };
    /// Hears of every change of state that this runtime makes or notices. One watcher; empty: none.
    virtual void watch(UniqueFunction<void(const Change&)> watcher) = 0;
};

}  // namespace csim
