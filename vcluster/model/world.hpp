// A simulated virtual cluster: nodes with files, processes, ports and users, on one timeline.
// Programs are rows of a table (programs.hpp); what they cannot do they say.
#pragma once

#include "core/result.hpp"
#include "core/rng.hpp"
#include "core/timeline.hpp"
#include "runtime/simulated/node_files.hpp"
#include "vcluster/model/shared_tree.hpp"
#include "vcluster/model/task.hpp"
#include "vcluster/spec/spec.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace csim::model {

class World;
struct Node;
struct Process;
struct Call;

/// Where a program's output goes.
class Sink {
  public:
    virtual ~Sink() = default;
    virtual void put(std::string_view text) = 0;
};
using SinkPtr = std::shared_ptr<Sink>;

/// What a program reads: all of it is there from the beginning.
struct Input {
    std::string text;
    std::size_t at = 0;

    std::string rest() { return text.substr(std::exchange(at, text.size())); }
};
using InputPtr = std::shared_ptr<Input>;

/// What a resident program is to others; ends with its process.
class Daemon {
  public:
    virtual ~Daemon() = default;
    /// The process has been told to end, by a signal it may catch.
    virtual void ending() {}
    Process* self = nullptr;  ///< whose daemon it is
};

struct Process {
    World& world;
    Node& node;
    int pid = 0, parent = 1, group = 0;
    std::string comm;
    std::vector<std::string> arguments;
    Environment env;
    std::string user = "root";
    SimTime started{};
    bool ended = false;
    int status = 0;
    std::unique_ptr<Daemon> daemon;
    Task<int> task;
    Occasion end;
    std::function<void(int status)> on_end;
    std::function<bool(int signal)> on_signal;  ///< true: caught, it goes on

    Process(World& w, Node& n) : world(w), node(n) {}
};

/// A port on which a process listens.
struct Port {
    int pid = 0;
    std::string xprt;
};

struct User {
    std::string name;
    unsigned uid = 0, gid = 0;
    std::string home = "/", shell = "/bin/bash";
};

struct Mount {
    std::string target;
    std::shared_ptr<SharedTree> tree;
    bool read_only = false;
};

struct Node {
    Node(World& w, std::string n) : world(w), name(std::move(n)) {}

    World& world;
    std::string name;     ///< the kernel's hostname
    std::string address;  ///< IPv4
    bool up = false;
    NodeFiles files;
    std::map<std::string, SimTime> changed;  ///< when files were last written
    std::vector<Mount> mounts;
    std::map<int, std::unique_ptr<Process>> processes;
    std::map<int, Port> ports;
    int last_pid = 1;

    // Files as programs see them: mounts, /proc. Errors are errno values, 0 is well.
    int read(const std::string& path, NodeFile& file);
    int write(const std::string& path, NodeFile file, bool append = false);
    int remove(const std::string& path);
    std::string text_of(const std::string& path);  ///< empty when there is none
    bool exists(const std::string& path);
    void append(const std::string& path, const std::string& text);

    std::optional<User> find_user(const std::string& name);
    /// Addresses of a name by /etc/hosts, or the text itself if it is one; empty: unknown.
    std::string resolve(const std::string& host);
    /// nullptr: it has ended, or there never was one.
    Process* find(int pid);
    /// The process that has this daemon; nullptr: none.
    template <class D>
    D* daemon(const std::function<bool(const D&)>& like = {}) {
        for (auto& [pid, process] : processes) {
            auto* found = dynamic_cast<D*>(process->daemon.get());
            if (process->ended) continue;
            if (found != nullptr && (!like || like(*found))) return found;
        }
        return nullptr;
    }

  private:
    std::optional<std::string> proc_file(const std::string& path);
    std::optional<std::vector<std::string>> proc_folder(const std::string& path);
    Mount* mount_of(const std::string& path, std::string& inner);
};

/// The files of a node that nobody has touched.
std::shared_ptr<const FileTree> cluster_base();

/// What a specification's `sim` may say.
struct ModelOptions {
    SimTime epoch = SimTime::from_unix_ns(1'577'836'800'000'000'000);  ///< 2020-01-01
    Duration latency = std::chrono::microseconds(200);                 ///< one way between nodes
    Duration job_default = std::chrono::seconds(60);
    bool ldmsd_strict = true;
    std::uint64_t seed = 1;
};
/// Errors: bad_argument, with the path.
Result<ModelOptions> read_model_options(const Json& sim);

struct Launch {
    std::vector<std::string> arguments;
    Environment env;
    std::string folder = "/", user = "root";
    InputPtr in;
    SinkPtr out, err;
    int parent = 1;
    int group = 0;  ///< 0: its own
    std::function<void(int status)> on_end;
};

class World {
  public:
    World(Timeline& timeline, ModelOptions options);
    ~World();
    World(const World&) = delete;

    Timeline& timeline() { return timeline_; }
    const ModelOptions& options() const { return options_; }
    Rng& rng() { return rng_; }

    Node& add_node(const std::string& name, const std::string& address);
    void remove_node(const std::string& name);
    /// By hostname. nullptr: none.
    Node* node(const std::string& name);
    Node* at_address(const std::string& address);
    /// All daemons of a kind, in order of node and pid.
    template <class D>
    std::vector<D*> daemons() {
        std::vector<D*> all;
        for (auto& [name, node] : nodes_)
            for (auto& [pid, process] : node->processes)
                if (auto* found = dynamic_cast<D*>(process->daemon.get());
                    found != nullptr && !process->ended)
                    all.push_back(found);
        return all;
    }
    void power_on(Node& node);
    /// All processes end at once; files stay.
    void power_off(Node& node);
    std::shared_ptr<SharedTree> shared(const std::string& source);

    /// Begins a program; it may have ended when this returns. Never fails: what there is not ends with 127.
    Process& launch(Node& node, Launch launch);
    /// A process that stays behind when the program that made it has ended.
    Process& add_daemon(const Call& call, std::unique_ptr<Daemon> daemon);
    void signal(Process& process, int number);
    /// Ends all processes of the group.
    void signal_group(Node& node, int group, int number);
    void end(Process& process, int status);

    /// True if messages pass between them.
    bool linked(const Node& from, const Node& to) const { return from.up && to.up; }
    Duration latency(const Node& from, const Node& to) const;

    /// Of every `sbatch`, in order: what the jobs' programs could not do is told here.
    std::vector<std::string>& notes() { return notes_; }

  private:
    Timeline& timeline_;
    ModelOptions options_;
    Rng rng_;
    std::map<std::string, std::unique_ptr<Node>> nodes_;
    std::map<std::string, std::shared_ptr<SharedTree>> shared_;
    std::vector<std::string> notes_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// Sinks.
class Buffer final : public Sink {
  public:
    void put(std::string_view text) override { held += text; }
    std::string held;
};
class Nowhere final : public Sink {
  public:
    void put(std::string_view) override {}
};
/// Appends to a file of the node, as it comes.
class FileSink final : public Sink {
  public:
    FileSink(Node& node, std::string path) : node_(node), path_(std::move(path)) {}
    void put(std::string_view text) override { node_.append(path_, std::string(text)); }

  private:
    Node& node_;
    std::string path_;
};

}  // namespace csim::model
