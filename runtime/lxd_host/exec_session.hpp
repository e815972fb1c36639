// One command inside an instance, from the request to its end.
#pragma once

#include "runtime/lxd_host/lxd_exec.hpp"

namespace csim {

constexpr std::size_t exec_input_max = 64u << 20;
constexpr const char* exec_prompt = "~ # ";

struct LxdExec::Session {
    std::string operation, instance;
    ExecSpec spec;
    ApiPeer by;
    bool interactive = false, record = false, waits = false;
    bool begun = false, ended = false, input_ended = false;
    std::size_t wanted = 0;  ///< sockets of data that are not connected yet
    std::map<std::string, std::shared_ptr<WebSocket>> sockets;
    std::string line;   ///< what was typed of the next one
    bool busy = false;  ///< in a shell: a line is being run
    std::string ahead;  ///< typed meanwhile
    SimulatedHost::Work work = 0;
};

bool is_shell(const std::vector<std::string>& command);
/// Whether the shell is told what to run on its command line.
bool has_script(const std::vector<std::string>& command);
/// Whether the command ends only when its input does.
bool reads_input(const std::vector<std::string>& command);
/// In frames of a moderate size.
void say(const std::shared_ptr<WebSocket>& socket, const std::string& text);

}  // namespace csim
