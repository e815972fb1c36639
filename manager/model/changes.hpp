// Counts changes of the tables that clients watch: everything changed at one instant is one change.
#pragma once

#include "core/timeline.hpp"
#include "core/unique_function.hpp"
#include "manager/model/object_ref.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace csim {

/// Source: the manager API, §1.8. A table's stamp is in microseconds and only rises.
class Changes {
  public:
    explicit Changes(Timeline& timeline);
    ~Changes();

    /// Something in `table` changed. The stamp rises once the present event is over.
    void touch(Watched table);
    /// Makes what was touched visible now. Call before reading stamps for a client.
    void settle();

    std::int64_t stamp(Watched table) const { return stamps_.at(static_cast<std::size_t>(table)); }

    /// Called after each settled change that touched a watched table, with a bit per table.
    void on_settled(UniqueFunction<void(unsigned)> listener) { listeners_.push_back(std::move(listener)); }

  private:
    Timeline& timeline_;
    std::array<std::int64_t, watched_count> stamps_{};
    std::int64_t last_ = 0;
    unsigned touched_ = 0;
    EventId pending_;
    std::vector<UniqueFunction<void(unsigned)>> listeners_;
};

}  // namespace csim
