// What a real node lacks that programs of a whole machine expect, and folders of this machine seen in it.
#pragma once

#include "core/result.hpp"
#include "vcluster/spec/spec.hpp"

#include <sys/types.h>

namespace csim {

/// Mounts fresh /run, /tmp, /dev/shm, /dev/pts and /sys in the node whose first process is `pid`, then the
/// specification's mounts, in their order. Errors: io, with the call that refused.
Result<Nothing> furnish_namespace(pid_t pid, const std::vector<MountSpec>& mounts);

}  // namespace csim
