#include "runtime/namespaces/process.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace csim {
namespace {

/// What the child needs between clone and exec; both share their memory until then.
struct Birth {
    int init_fd;
    int report, maker;
    char** arguments;
    char** environment;
    int error = 0;
};

int born(void* given) {
    Birth& birth = *static_cast<Birth*>(given);
    for (const int kept : {birth.report, birth.maker})
        if (kept >= 0) ::fcntl(kept, F_SETFD, 0);
    ::syscall(SYS_execveat, birth.init_fd, "", birth.arguments, birth.environment, AT_EMPTY_PATH);
    birth.error = errno;
    ::_exit(127);
}

std::string read_small(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::string text(4096, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

/// `csim-init:<run>:<name>` as the first argument; nothing otherwise.
MarkedProcess read_mark(pid_t pid) {
    const std::string line = read_small("/proc/" + std::to_string(pid) + "/cmdline");
    const std::string mark = line.substr(0, line.find('\0'));
    if (!mark.starts_with(init_mark)) return {};
    const auto run = sizeof init_mark - 1, colon = mark.find(':', run);
    if (colon == std::string::npos) return {};
    return {pid, mark.substr(run, colon - run), mark.substr(colon + 1)};
}

}  // namespace

NodeError spawn_error(int error) {
    const std::string why = std::strerror(error);
    if (error == EPERM)
        return {NodeError::Kind::denied, NodePhase::start, "clone", "making namespaces needs root: " + why};
    const std::string limit = limit_behind(error, "clone");
    if (!limit.empty())
        return {NodeError::Kind::limit, NodePhase::start, limit, "cannot make another process: " + why};
    return {NodeError::Kind::internal, NodePhase::start, "clone", "cannot make another process: " + why};
}

NodeProcess::NodeProcess(NodeProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), fd_(std::exchange(other.fd_, -1)) {}

NodeProcess& NodeProcess::operator=(NodeProcess&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(fd_, other.fd_);
    return *this;
}

NodeProcess::~NodeProcess() {
    if (fd_ >= 0) ::close(fd_);
}

void NodeProcess::signal(int number) const {
    ::syscall(SYS_pidfd_send_signal, fd_, number, nullptr, 0);
}

bool NodeProcess::has_ended() const {
    return wait(Duration::zero());
}

bool NodeProcess::wait(Duration limit) const {
    pollfd ended{fd_, POLLIN, 0};
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
    if (::poll(&ended, 1, static_cast<int>(ms)) <= 0) return false;
    siginfo_t info{};
    ::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(fd_), &info, WEXITED | WNOHANG);
    return true;
}

Result<std::string> init_program() {
    std::string self(4096, '\0');
    const auto n = ::readlink("/proc/self/exe", self.data(), self.size());
    self.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    for (int up = 0; up < 4; ++up) {
        self.resize(std::min(self.size(), self.rfind('/')));
        for (const char* place : {"/cluster-sim-init", "/libexec/cluster-sim-init", "/bin/cluster-sim-init"})
            if (::access((self + place).c_str(), X_OK) == 0) return self + place;
    }
    return Error{
        Errc::not_found,
        "cannot find cluster-sim-init, which nodes begin with; it belongs beside this program"};
}

NodeResult<NodeProcess> spawn(const Spawn& what) {
    std::vector<char*> arguments;
    for (const std::string& each : what.arguments) arguments.push_back(const_cast<char*>(each.c_str()));
    arguments.push_back(nullptr);
    char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    char* environment[] = {path, nullptr};
    Birth birth{what.init_fd, what.report, what.maker, arguments.data(), environment};
    alignas(16) static thread_local char stack[64 << 10];
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int fd = -1;
    const int flags = what.namespaces | CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
    const pid_t pid = ::clone(born, stack + sizeof stack, flags, &birth, &fd);
    const int error = pid < 0 ? errno : birth.error;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    NodeProcess process(std::max(pid, 0), fd);
    if (pid > 0 && error == 0) return process;
    if (pid > 0) process.wait(10s);
    return spawn_error(error);
}

std::vector<MarkedProcess> marked_processes(const std::string& run) {
    std::vector<MarkedProcess> found;
    DIR* folder = ::opendir("/proc");
    if (folder == nullptr) return found;
    while (const dirent* entry = ::readdir(folder)) {
        const auto pid = static_cast<pid_t>(std::atoi(entry->d_name));
        if (pid <= 0) continue;
        MarkedProcess marked = read_mark(pid);
        if (marked.pid != 0 && (run.empty() || marked.run == run)) found.push_back(std::move(marked));
    }
    ::closedir(folder);
    return found;
}

NodeProcess open_marked(const MarkedProcess& marked) {
    const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, marked.pid, 0));
    if (fd < 0) return {};
    NodeProcess process(marked.pid, fd);
    const MarkedProcess again = read_mark(marked.pid);
    if (again.run != marked.run || again.name != marked.name || process.has_ended()) return {};
    return process;
}

std::string wait_channel(pid_t pid) {
    const std::string text = read_small("/proc/" + std::to_string(pid) + "/wchan");
    return text == "0" ? "" : text;
}

std::int64_t monotonic_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

std::uint64_t start_ticks(pid_t pid) {
    const std::string stat = read_small("/proc/" + std::to_string(pid) + "/stat");
    auto at = stat.rfind(')');
    for (int field = 2; field < 22 && at != std::string::npos; ++field) at = stat.find(' ', at + 1);
    return at == std::string::npos ? 0 : std::strtoull(stat.c_str() + at, nullptr, 10);
}

std::string limit_behind(int error, std::string_view call) {
    if (error == EAGAIN) return "pids";
    if (error == EMFILE || error == ENFILE) return "descriptors";
    if (error == ENOMEM) return "memory";
    if (error == EXFULL || (error == ENOSPC && call == "veth")) return "bridge_ports";
    if (error == ENOBUFS) return "neighbours";
    if (error == EDQUOT) return "keyrings";
    if (error == ENOSPC && call == "clone") return "net_namespaces";
    if (error == ENOSPC && call.starts_with("mount")) return "mounts";
    if (error == ENOSPC) return "tmpfs";
    return "";
}

}  // namespace csim
