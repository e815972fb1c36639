// The instances of a simulated LXD host: made, started, stopped, shown, deleted.
#pragma once

#include "runtime/lxd_host/lxd_context.hpp"
#include "runtime/lxd_host/lxd_images.hpp"
#include "runtime/lxd_host/lxd_places.hpp"

#include <memory>
#include <string>
#include <vector>

namespace csim {

struct LxdSnapshot {
    std::string name;
    SimTime created;
    std::map<std::string, std::string> config;
    NodeFiles files;
};

/// What instances inherit of their image: image.* and the fingerprint.
struct LxdImageConfig {
    std::map<std::string, std::string> texts;
    std::string text;  ///< as members of a JSON object, each with a comma behind it
};

struct LxdInstance {
    enum class State { stopped, running, frozen };
    using Texts = std::map<std::string, std::string>;

    std::string name, description;
    Texts config = {};                                   ///< what the client set
    std::shared_ptr<const LxdImageConfig> image_config;  ///< shared by all of an image
    LxdDevices devices = {};
    std::vector<std::string> profiles = {"default"};
    bool ephemeral = false;
    State state = State::stopped;
    std::string busy = {};  ///< what goes on with it: "create", "start"; empty: nothing
    SimTime created{}, used{}, started{};
    std::int64_t pid = 0;
    std::uint32_t number = 0;  ///< its address, MAC and interface are made of it
    std::string uuid = {};
    std::shared_ptr<const FileTree> base;
    std::unique_ptr<NodeFiles> files = {};
    Texts logs = {};
    std::vector<LxdSnapshot> snapshots = {};
    std::string silenced = {};  ///< the resource that it has none of
    /// Of what goes on with it: whether it never ends, and what a forced stop may do about it.
    SimulatedHost::Work work = 0;
    bool stuck = false;   ///< by a fault or a resource; the host's own wedges are known by `work`
    double recovers = 0;  ///< chance that a forced stop ends it

    NodeFiles& own_files();
    bool up() const { return state != State::stopped; }
};

/// What profiles and own devices make of an instance; the same for all that are alike.
struct LxdShape {
    LxdDevices devices;
    LxdInstance::Texts config;  ///< of the profiles
    std::string devices_text;   ///< as JSON
    std::vector<std::string> nics;
};

std::string ipv4_of(std::uint32_t number);
const char* status_of(LxdInstance::State state);

class LxdInstances {
  public:
    LxdInstances(LxdContext& context, LxdImages& images, LxdPlaces& places);

    void add_routes(LxdRoutes& routes);
    /// Refuses with 404.
    LxdInstance& found(const std::string& name);
    /// Of "c1", or of its snapshot "c1/snap0", for an image. Refuses, also when it runs.
    NodeFiles files_to_publish(const std::string& name);
    LxdInstance* find(const std::string& name);
    std::size_t size() const { return instances_.size(); }
    std::size_t running() const;
    std::uint64_t disk_bytes() const;
    std::vector<std::string> users(const std::string& kind, const std::string& name) const;
    /// Makes `count` more at once, without operations, named `prefix` and a number. Fails with exhausted,
    /// naming the resource, or conflict.
    Result<Nothing> populate(
        const std::string& prefix, std::uint64_t count, bool running, const LxdImage& image
    );
    /// The host's power fails and comes back: nothing runs, nothing is wedged.
    void reboot();
    /// Ends one that runs, as the kernel does when memory is short. False when none does.
    bool kill_one(Rng& chance);

    std::string shown(const LxdInstance& instance, int recursion) const;
    std::string state_shown(const LxdInstance& instance) const;
    std::string etag(const LxdInstance& instance) const;

  private:
    struct Creation;
    struct Action;
    void add_snapshot_routes(LxdRoutes& routes);
    LxdReply list(LxdCall& call);
    LxdReply show(LxdCall& call);
    LxdReply create(LxdCall& call);
    std::string profile_named(const Json& given) const;
    void read_source(const Json& source, Creation& creation);
    void make(const std::string& operation, std::shared_ptr<Creation> creation);
    LxdReply change(LxdCall& call, bool whole);
    LxdReply rename(LxdCall& call);
    LxdReply remove(LxdCall& call);
    LxdReply act(LxdCall& call);
    LxdReply act_on_all(LxdCall& call);
    LxdReply take_snapshot(LxdCall& call);
    LxdReply snapshot_request(LxdCall& call);
    void restore(LxdInstance& instance, const std::string& snapshot);

    Action read_action(const Json& body) const;
    void begin(const Action& action, const std::string& name, UniqueFunction<void(std::string)> done);
    void start(const Action& action, LxdInstance& instance, UniqueFunction<void(std::string)> done);
    void stop(const Action& action, LxdInstance& instance, UniqueFunction<void(std::string)> done);
    bool is_stuck(const LxdInstance& instance) const;
    void stop_stuck(const Action& action, LxdInstance& instance, UniqueFunction<void(std::string)> done);
    void started(const std::string& name, const std::string& silenced);
    void stopped(const std::string& name);
    /// Does the work of a phase on the host; a wedged one never ends.
    void work(NodePhase phase, LxdInstance& instance, const char* busy, UniqueFunction<void()> done);
    std::string begin_operation(
        const char* description, const std::vector<std::string>& names, bool containers_too
    );
    bool has_network(const LxdInstance& instance) const { return !shape_of(instance).nics.empty(); }
    const LxdShape& shape_of(const LxdInstance& instance) const;
    LxdShape make_shape(const LxdInstance& instance) const;
    void append_config(std::string& into, const LxdInstance& instance) const;
    void give_back(LxdInstance& instance, NodePhase phase);
    LxdInstance& insert(std::string name);
    void unpopulate(const std::string& prefix, std::uint64_t count);
    std::shared_ptr<const LxdImageConfig> image_config_of(const LxdImage& image);

    LxdContext& context_;
    LxdImages& images_;
    LxdPlaces& places_;
    std::map<std::string, LxdInstance> instances_;
    /// Answers of starts and stops that go on, for whoever ends them by force.
    std::map<std::string, std::shared_ptr<UniqueFunction<void(std::string)>>> going_;
    std::map<std::string, std::shared_ptr<const LxdImageConfig>> image_configs_;
    mutable std::map<std::vector<std::string>, LxdShape>
        shapes_;                  ///< by profiles, of those without own devices
    mutable LxdShape own_shape_;  ///< of the last one that has
    mutable std::uint64_t shapes_version_ = 0;
    std::map<std::string, std::string> stale_;  ///< lists as they were, while the fault goes on
    std::uint32_t last_number_ = 0;
    std::int64_t last_pid_ = 1000;
    std::uint64_t era_ = 0;  ///< counts reboots; what was begun before does not go on after
};

}  // namespace csim
