#include "net/child_processes.hpp"

#include "net/reactor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <spawn.h>
#include <sstream>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace csim {
namespace {

constexpr std::size_t text_max = 64 * 1024;

struct Spawned {
    pid_t pid = -1;
    int out = -1;    ///< where its output arrives
    int ended = -1;  ///< readable once it has ended
    int error = 0;
};

/// Everything a child is to inherit is named here: no signal mask, no handlers, no descriptors but three.
int spawn(const std::vector<std::string>& command, int out, pid_t& pid) {
    std::vector<char*> argv;
    for (const std::string& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, 1);
    posix_spawn_file_actions_adddup2(&files, out, 2);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    );
    const int error = posix_spawnp(&pid, argv[0], &files, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

Spawned start(const std::vector<std::string>& command) {
    Spawned child;
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        child.error = errno;
        return child;
    }
    child.error = spawn(command, ends[1], child.pid);
    ::close(ends[1]);
    if (child.error != 0) {
        ::close(ends[0]);
        return child;
    }
    child.out = ends[0];
    ::fcntl(child.out, F_SETFL, O_NONBLOCK);
    child.ended = static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0));
    return child;
}

class Child final : public Watcher, public Deadline {
  public:
    using Finish = UniqueFunction<void(Result<ChildOutput>)>;
    Child(Reactor& reactor, Spawned spawned, Duration limit, Finish finish)
        : reactor_(reactor), spawned_(spawned), finish_(std::move(finish)) {
        reactor_.arm(*this, limit);
        reactor_.add(spawned_.out, EPOLLIN, *this);
        if (spawned_.ended >= 0) reactor_.add(spawned_.ended, EPOLLIN, *this);
    }
    ~Child() override { end(); }

    void ready(std::uint32_t) override;
    void expired() override;

  private:
    bool drain();
    int end();

    Reactor& reactor_;
    Spawned spawned_;
    Finish finish_;
    std::string text_;
};

/// True once the output has ended.
bool Child::drain() {
    const auto scratch = reactor_.scratch();
    for (;;) {
        const ssize_t count = ::read(spawned_.out, scratch.data(), scratch.size());
        if (count < 0) return errno != EAGAIN && errno != EINTR;
        if (count == 0) return true;
        const std::size_t room = text_max - text_.size();
        text_.append(scratch.data(), std::min(room, static_cast<std::size_t>(count)));
    }
}

/// What is over is the child itself, not its output: a grandchild may hold that open.
void Child::ready(std::uint32_t) {
    if (!finish_) return;
    const bool closed = drain();
    siginfo_t status{};
    if (::waitid(P_PID, static_cast<id_t>(spawned_.pid), &status, WEXITED | WNOWAIT | WNOHANG) == 0 &&
        status.si_pid == 0) {
        if (!closed) return;
        // The end is told by the other descriptor; an output at its end would wake us for ever.
        if (spawned_.ended >= 0) return reactor_.remove(spawned_.out);
    }
    drain();
    auto finish = std::exchange(finish_, nullptr);
    const int exit_status = end();
    finish(ChildOutput{exit_status, std::move(text_)});
}

void Child::expired() {
    auto finish = std::exchange(finish_, nullptr);
    if (!finish) return;
    end();
    finish(Error{Errc::exhausted, "the program did not end in time and was killed"});
}

/// Leaves no process behind, not even one that the child started and did not wait for.
int Child::end() {
    if (spawned_.pid < 0) return 0;
    disarm();
    ::kill(-spawned_.pid, SIGKILL);
    int status = 0;
    while (::waitpid(spawned_.pid, &status, 0) < 0 && errno == EINTR) {
    }
    spawned_.pid = -1;
    reactor_.remove(spawned_.out);
    ::close(spawned_.out);
    if (spawned_.ended >= 0) {
        reactor_.remove(spawned_.ended);
        ::close(spawned_.ended);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

struct ChildProcesses::Impl {
    explicit Impl(Inbox& inbox) : inbox(inbox), reactor("net-children") {}
    ~Impl() {
        reactor.stop();
        children.clear();
    }

    void start_child(std::uint64_t id, const std::vector<std::string>& command, Duration limit, Done done) {
        const Spawned spawned = start(command);
        if (spawned.error != 0) {
            const std::string why = "cannot start " + command.front() + ": " + std::strerror(spawned.error);
            return tell(std::move(done), Error{Errc::io, why});
        }
        auto finish = [this, id, done = std::move(done)](Result<ChildOutput> output) mutable {
            tell(std::move(done), std::move(output));
            const auto at = children.find(id);
            reactor.retire(std::move(at->second));
            children.erase(at);
        };
        children.emplace(id, std::make_unique<Child>(reactor, spawned, limit, std::move(finish)));
    }

    void tell(Done done, Result<ChildOutput> output) {
        inbox.post([done = std::move(done), output = std::move(output)]() mutable { done(std::move(output)); }
        );
    }

    Inbox& inbox;
    Reactor reactor;
    bool started = false;
    std::uint64_t last_id = 0;
    std::map<std::uint64_t, std::unique_ptr<Child>> children;  ///< the reactor's thread only
};

ChildProcesses::ChildProcesses(Inbox& inbox) : impl_(std::make_unique<Impl>(inbox)) {}

ChildProcesses::~ChildProcesses() = default;

void ChildProcesses::run(std::vector<std::string> command, Duration limit, Done done) {
    Impl* impl = impl_.get();
    if (!std::exchange(impl->started, true)) impl->reactor.start();
    const std::uint64_t id = ++impl->last_id;
    impl->reactor.post([impl, id, command = std::move(command), limit, done = std::move(done)]() mutable {
        impl->start_child(id, command, limit, std::move(done));
    });
}

std::string find_program(const std::string& name) {
    const char* path = std::getenv("PATH");
    std::istringstream folders(
        (path == nullptr ? std::string() : std::string(path) + ":") + "/usr/sbin:/sbin:/usr/bin:/bin"
    );
    for (std::string folder; std::getline(folders, folder, ':');) {
        const std::string candidate = folder + "/" + name;
        if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return {};
}

}  // namespace csim
