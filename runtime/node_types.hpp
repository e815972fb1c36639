// What a node runtime is asked for and what it answers: names, states, errors that say who refused.
#pragma once

#include "core/time.hpp"
#include "core/unique_function.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

enum class NodeState { absent, created, starting, running, frozen, stopping, stopped, error, wedged };
std::string_view text_of(NodeState state);

/// How far a node has come when something happens to it; also what time limits are named after.
enum class NodePhase { create, start, ready, exec, file, stats, stop, destroy, list, network };
std::string_view text_of(NodePhase phase);

/// Why not. Callers react to the kind; `refused` names the resource or the call that said no.
struct NodeError {
    enum class Kind { not_found, exists, busy, limit, timeout, denied, unsupported, cancelled, internal };
    Kind kind = Kind::internal;
    NodePhase phase = NodePhase::create;
    std::string refused;  ///< "memory", "mount(overlay)", "RTM_NEWLINK"; for limits a name of limits.hpp
    std::string detail;   ///< one sentence without a trailing full stop
};
std::string_view text_of(NodeError::Kind kind);

class NodeFailure : public std::runtime_error {
  public:
    explicit NodeFailure(const NodeError& cause) : std::runtime_error(cause.detail), error(cause) {}
    NodeError error;
};

[[noreturn]] inline void throw_exception_from_error(const NodeError& error, const boost::source_location&) {
    throw NodeFailure(error);
}

template <class T>
using NodeResult = boost::system::result<T, NodeError>;

struct Done {};

/// What a node does by itself once it is up: pings at one a second, written to a log as `ping` writes it.
struct PingJob {
    int count = 0;                     ///< 0: none
    std::string target = "localhost";  ///< or a numeric address
    Duration interval = std::chrono::seconds(1);
    bool power_off = false;  ///< when the job is done
};

struct NodeSpec {
    std::string name;
    std::string base;     ///< as the backend knows it: a folder, an image's alias; empty: its default
    std::string address;  ///< IPv4 without prefix; empty: none, loopback only
    int prefix = 8;       ///< bits of the address's network
    std::string network;  ///< one that was added; empty: the first
    std::map<std::string, std::string> environment = {};
    PingJob job = {};
};

struct NodeInfo {
    std::string name;
    NodeState state = NodeState::absent;
    std::int64_t pid = 0;  ///< of its first process, as the host sees it; 0: it has none
    std::vector<std::string> addresses = {};
};

/// What the job has written so far.
struct JobReport {
    std::uint64_t lines = 0;  ///< of the log
    std::uint64_t replies = 0;
    Duration reply_min{}, reply_mean{}, reply_max{};  ///< over the replies
};

struct NodeStats {
    NodeState state = NodeState::absent;
    std::int64_t pid = 0;
    std::uint64_t processes = 0;
    std::uint64_t memory_bytes = 0;
    std::uint64_t disk_bytes = 0;  ///< of what is the node's own, not its base's
    std::uint64_t received_bytes = 0, sent_bytes = 0;
    Duration boot{};                    ///< from the start call until it was ready; zero: unknown
    std::optional<JobReport> job = {};  ///< absent: it has no log
};

struct ExecSpec {
    std::vector<std::string> command;
    std::map<std::string, std::string> environment = {};
    std::string folder = {};  ///< to work in; empty: the root
    std::string input = {};   ///< standard input
    std::string user = {};    ///< a name or uid[:gid] of the node; empty: root
    bool merged = false;      ///< standard error goes where output goes, in the order in which it comes
    bool detached = false;    ///< answer as soon as it runs; its output goes nowhere
    std::uint64_t without_capabilities = 0;  ///< a bit for each capability that it and its children lack
};

struct ExecResult {
    int status = 0;  ///< 128 and the signal's number, 127 not found, 126 not executable
    std::string out;
    std::string err;
};

struct NodeFile {
    enum class Type { file, directory, symlink };
    Type type = Type::file;
    std::string content;               ///< or a symlink's target
    std::vector<std::string> entries;  ///< of a directory, sorted
    unsigned mode = 0644;
    std::uint32_t uid = 0, gid = 0;
};

/// What a backend can do on this machine. What it cannot says why.
struct RuntimeAbilities {
    bool usable = false;
    std::string why_not;  ///< one sentence, when it is not usable
    bool exec = false, files = false, stats = false, network = false, freeze = false, limits = false;
    bool needs_root = false;
    std::uint64_t nodes_max = 0;      ///< that it would try; 0: unknown
    bool keeps_names_legacy = false;  ///< names of digits alone are fine
};

/// 1 to 63 letters, digits and hyphens, not beginning with a digit or hyphen, not ending with a hyphen.
/// `legacy` allows names that begin with a digit. Fails with a sentence that says what is wrong.
NodeResult<Done> check_node_name(std::string_view name, bool legacy = false);

/// "create: memory refused: ..." in one sentence.
std::string sentence(const NodeError& error);

}  // namespace csim
