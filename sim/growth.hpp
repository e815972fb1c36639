// How a cluster that is alive grows, shrinks and changes as a whole, without standing still for it.
#pragma once

#include "sim/sliced_work.hpp"
#include "sim/world.hpp"

#include <functional>
#include <string>

namespace csim {

/// A slice does at most so much.
struct GrowthLimits {
    int servers_per_slice = 16;
    int volumes_per_slice = 64;
};

/// Operations run one after the other, in the order in which they were asked for. Each `done` runs once,
/// later. New servers stay off until they are registered. Source: the behaviour specification, §2.6. Differs:
/// what cannot work is refused before anything was made. A process that is killed in the middle of a unit
/// leaves the servers made so far, and never their ids to others.
class Growth {
  public:
    Growth(Timeline& timeline, World& world, GrowthLimits limits = {});

    /// The new server's name. Errors: as World::add_server.
    void add_server(int nid_count, UniqueFunction<void(Result<std::string>)> done);
    /// Errors: as World::begin_unit.
    void add_unit(
        int server_count, int volume_count, int nid_count, UniqueFunction<void(Result<ScalableUnit>)> done
    );
    /// `change` of every node there is when its turn comes, in the order of World::nodes().
    void for_each_node(std::function<void(FakeServer&)> change, UniqueFunction<void(Result<Nothing>)> done);

    const SlicedWork& work() const { return work_; }

  private:
    World& world_;
    GrowthLimits limits_;
    SlicedWork work_;
};

}  // namespace csim
