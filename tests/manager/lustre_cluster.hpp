// Scripted servers with shared volumes, set up and paired, ready to carry targets.
#pragma once

#include "tests/manager/manager_fixture.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace csim::test {

class LustreCluster {
  public:
    /// Servers test000… form HA clusters of two; all see all volumes.
    explicit LustreCluster(std::size_t servers = 2, std::size_t volumes = 4);

    /// POST of a filesystem over volumes 1 (MGT), 2 (MDT) and the others (OSTs). Returns the command.
    std::int64_t create(
        const std::string& name = "testfs", std::size_t osts = 2, const Json& params = Json::object()
    );
    Json body(const std::string& name, std::size_t osts, const Json& params) const;
    /// The same, run to its end and checked.
    void created(const std::string& name = "testfs", std::size_t osts = 2);
    std::int64_t command_of(const RestAnswer& reply);
    /// Runs it to its end; true if it succeeded.
    bool succeeds(std::int64_t command);
    std::vector<std::string> job_classes(std::int64_t command);
    std::string state(ObjectRef object);
    /// Makes `host` the primary and its peer the secondary server of the volume.
    void place(std::int64_t volume, std::size_t host);
    void report_places(std::size_t from, const std::map<std::string, Json>& places);
    void report_ha();
    void forget_actions();
    const TargetRow& target(std::int64_t id) { return f.manager->model().targets.at(id); }

    ManagerFixture f;
    std::vector<std::unique_ptr<ScriptedAgent>> agents;

  private:
    void script(ScriptedAgent& agent);
};

}  // namespace csim::test
