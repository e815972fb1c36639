#include "benchmark/connections/process.hpp"

#include "core/result.hpp"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace csim {

ProcessCost cost_of(pid_t pid) {
    ProcessCost cost;
    const std::string folder = "/proc/" + std::to_string(pid);
    std::ifstream stat(folder + "/stat");
    std::string text((std::istreambuf_iterator<char>(stat)), {});
    // Fields are counted from behind the program's name, which may hold spaces.
    std::istringstream fields(text.substr(std::min(text.size(), text.rfind(')') + 2)));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    cost.cpu_seconds = (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
    std::size_t pages = 0;
    std::ifstream(folder + "/statm") >> skipped >> pages;
    cost.resident_bytes = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return cost;
}

ChildProcess::ChildProcess(const std::vector<std::string>& command) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw Fatal("cannot make a pipe");
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ < 0) throw Fatal("cannot start " + command.front());
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::dup2(ends[1], STDOUT_FILENO);
        ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);
        ::execvp(arguments[0], arguments.data());
        ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ends[0];
}

ChildProcess::~ChildProcess() {
    if (output_ >= 0) ::close(output_);
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

std::string ChildProcess::line() {
    std::string text;
    char c = 0;
    while (::read(output_, &c, 1) == 1 && c != '\n') text += c;
    return text;
}

std::string ChildProcess::rest(double* cpu_seconds) {
    std::string text;
    char bytes[4096];
    for (ssize_t n; (n = ::read(output_, bytes, sizeof bytes)) > 0;)
        text.append(bytes, static_cast<std::size_t>(n));
    rusage usage{};
    ::wait4(pid_, nullptr, 0, &usage);
    pid_ = -1;
    const auto seconds = [](const timeval& at) {
        return static_cast<double>(at.tv_sec) + 1e-6 * static_cast<double>(at.tv_usec);
    };
    if (cpu_seconds != nullptr) *cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    return text;
}

bool program_exists(const std::string& name) {
    for (const char* folder : {"/usr/bin/", "/usr/local/bin/", "/bin/"})
        if (std::filesystem::exists(folder + name)) return true;
    return false;
}

std::string this_program() {
    return std::filesystem::read_symlink("/proc/self/exe").string();
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

}  // namespace csim
