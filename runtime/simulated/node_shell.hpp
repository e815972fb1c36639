// A very small shell for simulated nodes: enough for the one-liners that people run through exec.
#pragma once

#include "runtime/simulated/node_commands.hpp"

namespace csim {

/// Runs `sh -c TEXT`, or the text on standard input. See run_command() for what it understands.
CommandRun run_shell(const CommandScene& scene, const ExecSpec& spec);

}  // namespace csim
