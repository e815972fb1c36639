// What a wedge looks like from outside: the state of whatever hangs, what its process waits for, whether the
// daemon still answers.
#pragma once

#include "runtime/lifecycle/host_watch.hpp"
#include "runtime/lifecycle/lifecycle.hpp"

#include <string>
#include <vector>

namespace csim {

/// One sentence each: first about the host, then about at most 16 instances that wedged. Asks with short
/// limits, so that a wedged daemon cannot hold it up. Empty when nothing wedged.
std::vector<std::string> wedge_evidence(EventLoop& loop, NodeRuntime& runtime, const LifecycleReport& report);

/// All that can be read at once when something wedges, as text in sections: what is in flight and since when,
/// what the host said last, and of this machine, when `real`, its processes as a tree with their states and
/// what they wait for in the kernel, and its mounts.
std::string wedge_dump(
    const std::vector<const InstanceRecord*>& going, SimTime now, const WatchSample* last, bool real
);

/// The processes of this machine, children below their parents: pid, state, where it waits, its command.
std::string process_tree();

/// Where a process of this machine hangs: "in D state in do_wait"; empty if there is none.
std::string where_it_waits(std::int64_t pid);

}  // namespace csim
