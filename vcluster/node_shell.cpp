#include "vcluster/node_shell.hpp"

#include <cerrno>
#include <cstring>
#include <iostream>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace csim {
namespace {

/// The node's own shell on this terminal.
int real_shell(Cluster cluster, const PlannedNode& node) {
    const auto states = cluster.states();
    const auto found = states.find(node.hostname);
    if (found == states.end() || found->second.pid == 0) throw Fatal(node.hostname + " is not running");
    const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(found->second.pid), 0));
    if (fd < 0) throw Fatal(node.hostname + " is gone: " + std::strerror(errno));
    std::vector<std::string> texts;
    for (const auto& [name, value] : node_environment(cluster.spec(), node))
        texts.push_back(name + "=" + value);
    const char* terminal = std::getenv("TERM");
    texts.insert(
        texts.end(), {"HOME=/root", "USER=root", "LOGNAME=root",
                      std::string("TERM=") + (terminal != nullptr ? terminal : "dumb")}
    );
    std::vector<char*> env;
    for (std::string& each : texts) env.push_back(each.data());
    env.push_back(nullptr);
    const std::uint64_t without = cluster.backend().without_capabilities(cluster.spec());
    // People take their time; others are not to wait for them.
    { const Cluster done = std::move(cluster); }
    const pid_t child = ::fork();
    if (child == 0) {
        constexpr int all = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS;
        if (::setns(fd, all) != 0) ::_exit(125);
        // Only children are among the node's processes.
        const pid_t inner = ::fork();
        if (inner == 0) {
            for (int each = 0; each < 64; ++each)
                if ((without >> each & 1) != 0) ::prctl(PR_CAPBSET_DROP, each, 0, 0, 0);
            if (::chdir("/root") != 0 && ::chdir("/") != 0) ::_exit(126);
            char name[] = "-bash", plain[] = "-sh";
            char* bash[] = {name, nullptr};
            ::execve("/bin/bash", bash, env.data());
            char* sh[] = {plain, nullptr};
            ::execve("/bin/sh", sh, env.data());
            ::_exit(127);
        }
        int status = 0;
        while (::waitpid(inner, &status, 0) < 0 && errno == EINTR) {
        }
        ::_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    }
    ::close(fd);
    int status = 0;
    while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// One line in a folder, and where it has led.
ExecResult run_line(Cluster& cluster, const PlannedNode& node, const std::string& line, std::string& folder) {
    const std::string memory = "/tmp/.cluster-sim-folder";
    RunRequest request;
    request.shell = line + "\nrc=$?\npwd >" + memory + "\nexit $rc\n";
    request.folder = folder;
    request.merged = true;
    ExecResult ran = cluster.run(node, request);
    const auto moved = cluster.nodes().read(cluster.runtime_name(node), memory);
    if (moved && moved->content.size() > 1) folder = moved->content.substr(0, moved->content.size() - 1);
    cluster.commit();
    return ran;
}

}  // namespace

// Where the shell is, is carried from line to line in a file of the node; variables are not.
int node_shell(
    const ClusterStore& store, const std::string& name, const std::string& where, std::istream& in,
    std::ostream& out, bool prompt
) {
    std::string hostname;
    {
        Cluster cluster = Cluster::get(store, name);
        const PlannedNode& node = cluster.node(where);
        hostname = node.hostname;
        if (cluster.record().backend == "namespaces") return real_shell(std::move(cluster), node);
    }
    std::string folder = "/root";
    int status = 0;
    for (std::string line;;) {
        if (prompt)
            out << "[root@" << hostname << " " << (folder == "/root" ? "~" : folder) << "]# " << std::flush;
        if (!std::getline(in, line) || line == "exit" || line == "logout") break;
        if (line.empty()) continue;
        Cluster cluster = Cluster::get(store, name);
        const ExecResult ran = run_line(cluster, cluster.node(hostname), line, folder);
        status = ran.status;
        out << ran.out << std::flush;
    }
    return status;
}

}  // namespace csim
