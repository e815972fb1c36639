// A filesystem over all volumes of some scalable units. Source: the behaviour specification, §7.4.
#pragma once

#include "benchmark/routines/health.hpp"

namespace csim {

/// Makes units of four servers with four volumes each, their controllers, registers the servers one after the
/// other, and makes one filesystem: an MGT, an MDT, OSTs on all other volumes. Throws StepFailed.
/// Into `step.details`: `setup_seconds`, `post_seconds`, `filesystem_seconds`, `osts`.
void make_filesystem(Bench& bench, int servers, bool side_by_side, Step& step);

}  // namespace csim
