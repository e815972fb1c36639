#include "sim/sliced_work.hpp"

#include <utility>

namespace csim {
namespace {

/// Not zero: everything else that is due by then runs first, and a paced loop looks at its sockets.
constexpr Duration pause_between_slices = 1ms;

}  // namespace

SlicedWork::~SlicedWork() {
    timeline_.cancel(next_);
}

void SlicedWork::add(Slice work) {
    queue_.push_back(std::move(work));
    schedule();
}

void SlicedWork::schedule() {
    if (std::exchange(scheduled_, true)) return;
    // The pause begins when the slice has ended, not when it was due: whatever became due during a long one
    // runs before the next.
    next_ = timeline_.after(Duration(0), [this] {
        next_ = timeline_.after(pause_between_slices, [this] { run_slice(); });
    });
}

void SlicedWork::run_slice() {
    scheduled_ = false;
    ++slices_;
    // Held outside the queue: a slice may add more work.
    Slice work = std::move(queue_.front());
    queue_.pop_front();
    if (work()) queue_.push_front(std::move(work));
    if (!queue_.empty()) schedule();
}

}  // namespace csim
