// A random walk through everything that can be done to a simulated cluster, with every promise checked after
// every step.
#pragma once

#include "tests/sim/walk/walk_arguments.hpp"
#include "tests/sim/walk/walk_checks.hpp"
#include "tests/sim/walk/walk_world.hpp"

#include <map>
#include <string>

namespace csim {

class Walk {
  public:
    explicit Walk(std::uint64_t seed);

    /// One operation and everything that must hold after it. What is wrong, empty when nothing is.
    std::vector<std::string> step();
    /// The operation that was done last, for people.
    const std::string& last() const { return last_; }
    /// How often each kind of operation was done.
    const std::map<std::string, std::uint64_t>& done() const { return done_; }
    WalkWorld& world() { return world_; }

  private:
    struct Kind;
    static const std::vector<Kind>& kinds();

    void pass_time();
    void control();
    void query();
    void action();
    void managed_action();
    void move_resources();
    void switch_power();
    void copytools();
    void make_filesystem();
    void keep_size();
    void heal();
    void empty_and_refill();
    void restart();

    void call(const std::string& method, const Json& params);
    bool act(const std::string& fqdn, const std::string& action, const Json& args);
    Json arguments_of_action(const ActionSpec& row, const FakeServer& node);
    bool prepare(const FakeServer& node);
    bool make_target(const std::string& kind, const std::string& fsname, const FakeCluster& cluster);

    Rng chance_;
    WalkWorld world_;
    WalkChecks checks_;
    std::string last_;
    std::map<std::string, std::uint64_t> done_;
    std::uint64_t asked_ = 0;
    std::int64_t labels_ = 0;
};

}  // namespace csim
