// The life of a worker process: told what to do over a socket, tells how it goes, ends when it is told or
// left alone.
#pragma once

namespace csim::connections {

/// Runs until the end. `control` is the inherited socket. The process's exit status.
int run_worker(int control);

}  // namespace csim::connections
