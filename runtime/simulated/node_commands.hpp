// The few programs that a simulated node has. Output is the same for the same moment and node.
#pragma once

#include "runtime/simulated/node_files.hpp"

namespace csim {

/// What a program may look at.
struct CommandScene {
    NodeFiles& files;
    std::string hostname;
    SimTime now;
    Duration host_up{};
};

struct CommandRun {
    ExecResult result;
    Duration takes{};  ///< beyond the host's usual time for an exec
};

/// cat, echo, env, false, hostname, id, kill, ls, ping, pwd, sh -c, sleep, true, uname, uptime, test; 127 for
/// others. `sh -c` knows `;`, `&&`, `||`, `exit N`, `> file`,
/// `>> file`, `< file`, `>&2`, quotes and $NAME.
CommandRun run_command(const CommandScene& scene, const ExecSpec& spec);

}  // namespace csim
