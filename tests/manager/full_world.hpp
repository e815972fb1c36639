// A manager that knows at least one object of every resource: a filesystem on a pair of servers, a worker
// with a copytool, power strips, a controller, users, alerts, packages, figures and log lines.
#pragma once

#include "manager/storage/controller_source.hpp"
#include "tests/manager/lustre_cluster.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace csim::test {

/// Answers from a table, a millisecond later. Controllers that are not in it cannot be reached.
class TableOfControllers final : public ControllerSource {
  public:
    explicit TableOfControllers(Timeline& timeline) : timeline_(timeline) {}
    void poll(std::int64_t controller, Done done) override;
    std::map<std::int64_t, ControllerReport> controllers;

  private:
    Timeline& timeline_;
};

class FullWorld {
  public:
    FullWorld();

    ManagerFixture& f() { return cluster.f; }
    Model& model() { return cluster.f.manager->model(); }
    RestAnswer get(const std::string& target) { return cluster.f.rest("GET", target); }
    /// A restart of the manager, agents included.
    void restart();

    LustreCluster cluster;
    TableOfControllers controllers;
    ScriptedAgent worker;

    /// Every resource of the catalogue that has a list.
    static const std::vector<std::string>& resources();

  private:
    void report_lustre();
    void add_worker();
    void add_equipment();
    void add_people();
};

/// A lustre report with packages and figures of testfs's targets.
Json full_lustre_report(SimTime at);

}  // namespace csim::test
