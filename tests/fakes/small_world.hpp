// A few servers and workers with everything around them, in memory. What a test sets is what it is about.
#pragma once

#include "fakes/actions/action_scope.hpp"
#include "fakes/actions/action_table.hpp"
#include "fakes/fake_devices.hpp"
#include "fakes/fake_server.hpp"
#include "fakes/fake_targets.hpp"
#include "fakes/invariants.hpp"
#include "fakes/plugins/server_reports.hpp"
#include "fakes/target_statistics.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace csim {

struct SmallWorldOptions {
    std::uint64_t seed = 1;
    int servers = 2;
    int workers = 1;
    int nids = 2;
    int volumes = 4;
    bool booted = true;           ///< up at once, with corosync and pacemaker started on servers
    ClusterOptions cluster = {};  ///< of the storage cluster; all servers are in it
    StateStore* store = nullptr;  ///< opened instead of a new one: everything is loaded from it
};

struct SmallWorld {
    explicit SmallWorld(SmallWorldOptions options = {});
    ~SmallWorld();

    FakeServer& server(int id) { return *servers.at(node_of(id, false)); }
    FakeServer& worker(int id) { return *servers.at(node_of(id, true)); }
    ActionScope scope(FakeServer& server);
    Result<ActionReply> run(FakeServer& server, const std::string& action, const Json& args = Json::object());
    /// The result, with the wrapping taken off; fails the test when there is an error of either kind.
    Json ok(FakeServer& server, const std::string& action, const Json& args = Json::object());
    /// The text of a wrapped error or an exception; fails the test when there is none.
    std::string refusal(FakeServer& server, const std::string& action, const Json& args = Json::object());
    void cut_power(FakeServer& server);
    void restore_power(FakeServer& server);
    void pass(Duration span);

    std::string path(int volume) const;
    /// MGS, MDT and OST formatted, registered and started on `test000`, with `test001` as secondary.
    void make_filesystem();
    std::vector<Violation> wrong() const;
    /// Every document as one text, for comparing states.
    std::string everything();
    static std::string node_of(int id, bool worker);

    std::unique_ptr<StateStore> own_store;
    StateStore& store;
    Documents documents{store};
    Timeline timeline;
    Trace trace{timeline};
    FakesContext context;
    ServerSurroundings surroundings;
    std::set<std::string> unpowered;
    std::set<std::string> unregistered;
    std::vector<std::string> came_up;
    std::vector<std::string> went_down;
    FakeDevices devices{documents};
    FakeTargets targets{documents, devices, context.run};
    TargetStatistics statistics{targets, devices, context.run};
    FakeCluster storage;
    FakeCluster workers;
    std::map<std::string, std::unique_ptr<FakeServer>> servers;
    std::map<std::string, std::unique_ptr<ServerReports>> reports;

  private:
    void listen();
    void create(const SmallWorldOptions& options);
    void load();
    void boot_all();
    void add(std::unique_ptr<FakeServer> server);
};

}  // namespace csim
