// What happens to a cluster in use, one after the other: power cuts with their failovers, and commands of the
// manager that an agent must obey.
#pragma once

#include "benchmark/scale/stage.hpp"

namespace csim {

struct Disturbed {
    int power_cuts = 0, came_back = 0;
    int failovers = 0, moved = 0;
    int commands = 0, obeyed = 0;
    double slowest_command_s = 0;
    double slowest_return_s = 0;
};

class Disturbances {
  public:
    Disturbances(ScaleStage& stage, int servers) : stage_(stage), servers_(servers) {}

    /// One of each, on servers that have not had it yet. Takes some ten seconds; the cluster is whole again
    /// afterwards.
    void once();
    const Disturbed& so_far() const { return total_; }

  private:
    void cut_power(int server, int peer);
    void command(int server);
    bool make_resource(const std::string& server, const std::string& peer, const std::string& label);
    void remove_resource(const std::string& server, const std::string& peer, const std::string& label);
    std::string location(const std::string& server, const std::string& label);

    ScaleStage& stage_;
    int servers_;
    int next_ = 0;
    Disturbed total_;
};

}  // namespace csim
