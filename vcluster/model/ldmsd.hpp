// A metric daemon: samplers make sets, producers find other daemons, updaters copy their sets here.
#pragma once

#include "vcluster/model/metric_set.hpp"
#include "vcluster/model/programs.hpp"

#include <regex>

namespace csim::model {

class Ldmsd;

/// Another daemon that this one collects from.
struct Producer {
    enum class State { stopped, disconnected, connecting, connected };
    /// A set of the other's, as far as it has come.
    struct Entry {
        std::string schema;
        std::string state = "START";  ///< LOOKUP, READY, UPDATING
        SimTime looked_up{};
    };
    std::string name, host, xprt = "sock", auth, type = "active";
    int port = 0;
    Duration interval{};
    State state = State::stopped;
    std::map<std::string, Entry> sets;
    EventId due;
    std::string peer_node;  ///< where it is connected to
    int peer_pid = 0;
};
std::string_view text_of(Producer::State state);

struct Updater {
    std::string name;
    Duration interval{}, offset{};
    bool automatic = false, push = false, running = false;
    std::map<std::string, std::regex> producers;                 ///< by the text of the expression
    std::map<std::string, std::pair<std::regex, bool>> matches;  ///< true: of the schema
    EventId due;
};

struct Storage {
    std::string name, plugin, container, schema;
    std::map<std::string, std::regex> producers;
    std::vector<std::string> metrics;
    bool running = false;
    std::uint64_t rows = 0;
};

struct Sampler {
    std::string plugin;
    std::string instance;  ///< empty: not configured
    Duration interval{}, offset{};
    bool running = false;
    EventId due;
};

/// What a command answers: an error number of the original's and a text.
struct CommandAnswer {
    int error = 0;
    std::string text;
};
using Attributes = std::map<std::string, std::string>;

class Ldmsd final : public Daemon {
  public:
    struct Options {
        std::string xprt, auth = "none", log, level = "INFO", pid_file = "/var/run/ldmsd.pid", name;
        int port = 0;  ///< 0: the configuration listens
        Environment env;
    };
    Ldmsd(World& world, Node& node, Options options);
    ~Ldmsd() override;
    void ending() override;

    /// False: a line was refused and the daemon is strict. What went wrong is in the log.
    bool configure(const std::string& text, const std::string& file);
    CommandAnswer command(const std::string& line);
    void log(const std::string& level, const std::string& text);

    /// All that others may see: its own sets, and copies that have been looked up.
    const std::map<std::string, std::shared_ptr<MetricSet>>& directory() const { return directory_; }
    const std::map<std::string, std::string>& listeners() const { return auths_; }
    /// Whether somebody of that node may connect to the port. Empty: yes; else why not.
    std::string refusal(int port, const std::string& xprt, const std::string& auth, Node& from) const;
    void job_event(int job, const std::string& event, int nodes, int tasks);
    /// Another daemon has gone, or its sets have changed.
    void peer_gone(const std::string& node, int pid);
    void peer_changed(Ldmsd& peer);

    Node& node() { return node_; }

  private:
    friend struct LdmsdCommands;
    bool listen(int port, const std::string& xprt, const std::string& auth, std::string& why);
    void tick(Sampler& sampler);
    void sample_later(Sampler& sampler);
    void connect(const std::string& name);
    void connected(Producer& producer, Ldmsd& peer);
    void disconnect(Producer& producer, bool retry);
    void refresh(Producer& producer, Ldmsd& peer);
    void drop(const std::string& instance);
    void update_later(Updater& updater);
    void update(Updater& updater);
    void look_up(Producer& producer, const std::string& instance);
    void copy(Producer& producer, const std::string& instance);
    void store(const MetricSet& set, const Producer& producer);
    void directory_changed();
    Ldmsd* peer_of(const Producer& producer);
    Duration trip(const Producer& producer) const;
    /// After `span`, unless this has ended.
    template <class Work>
    EventId later(Duration span, Work work);
    SimTime next_tick(Duration interval, Duration offset) const;

    World& world_;
    Node& node_;
    Options options_;
    std::map<std::string, std::string> auths_;  ///< "xprt:port" to the method
    std::map<std::string, std::string> auth_plugins_;
    std::map<std::string, Sampler> samplers_;
    std::map<std::string, std::string> stores_;  ///< loaded storage plug-ins, and where they write
    std::map<std::string, Producer> producers_;
    std::map<std::string, Updater> updaters_;
    std::map<std::string, Storage> storages_;
    std::map<std::string, std::shared_ptr<MetricSet>> directory_;
    std::vector<std::string> deferred_;
    bool reading_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

template <class Work>
EventId Ldmsd::later(Duration span, Work work) {
    return world_.timeline().after(span, [alive = std::weak_ptr(alive_), work = std::move(work)] {
        if (const auto still = alive.lock(); still && *still) work();
    });
}

/// The daemon that listens there; nullptr: none.
Ldmsd* ldmsd_at(Node& node, int port);

/// Plain microseconds, or a number with us, ms, s, m, h, d. nullopt: none of these.
std::optional<Duration> parse_interval(const std::string& text);

}  // namespace csim::model
