// Long changes of a live world in slices: between two of them, agents, timers and sockets have their turn.
#pragma once

#include "core/timeline.hpp"

#include <cstdint>
#include <deque>

namespace csim {

/// Pieces of work one after the other, in order of arrival; no two of them interleave. One slice an event.
class SlicedWork {
  public:
    /// Does one slice; true if there is more to do.
    using Slice = UniqueFunction<bool()>;

    explicit SlicedWork(Timeline& timeline) : timeline_(timeline) {}
    /// What was not finished never is.
    ~SlicedWork();
    SlicedWork(const SlicedWork&) = delete;
    SlicedWork& operator=(const SlicedWork&) = delete;

    /// The first slice runs later, never inside this call.
    void add(Slice work);
    /// Pieces of work not finished yet.
    std::size_t pending() const { return queue_.size(); }
    std::uint64_t slices() const { return slices_; }

  private:
    void schedule();
    void run_slice();

    Timeline& timeline_;
    std::deque<Slice> queue_;
    EventId next_;
    bool scheduled_ = false;
    std::uint64_t slices_ = 0;
};

}  // namespace csim
