// Work that leaves nothing behind when a signal ends it.
#pragma once

#include <functional>

namespace csim {

/// Runs `work` in a process of its own; its status is the result. SIGINT or SIGTERM, to it or to this one,
/// end that process at once, then `undo` runs here and the result is 128 + the signal's number. Call it
/// before there are threads. `work` may throw Fatal, which is told on standard error.
int run_undoable(const std::function<int()>& work, const std::function<void()>& undo);

}  // namespace csim
