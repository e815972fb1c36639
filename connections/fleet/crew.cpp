#include "connections/fleet/crew.hpp"

#include "core/result.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace csim::connections {
namespace {

constexpr Nanos silence_max = 30 * second;

/// Workers must not take themselves for ranks.
std::vector<std::string> environment_of_workers() {
    std::vector<std::string> kept;
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string_view entry = *each;
        const bool launcher = entry.starts_with("OMPI_") || entry.starts_with("PMIX_") ||
                              entry.starts_with("PMI_") || entry.starts_with("SLURM_") ||
                              entry.starts_with("CSIM_RANK");
        if (!launcher) kept.emplace_back(entry);
    }
    return kept;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> made;
    for (std::string& each : words) made.push_back(each.data());
    made.push_back(nullptr);
    return made;
}

}  // namespace

Crew::~Crew() {
    for (auto& each : members_) {
        if (each->pid <= 0) continue;
        kill(each->pid, SIGKILL);
        waitpid(each->pid, nullptr, 0);
    }
}

void Crew::start_worker(const Share& share) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        throw Fatal("cannot start a worker: " + std::string(std::strerror(errno)));
    auto words = command_;
    words.push_back(std::to_string(ends[1]));
    auto environment = environment_of_workers();
    auto arguments = pointers(words);
    auto variables = pointers(environment);
    // The descriptor keeps its number and is inherited by this one child alone.
    fcntl(ends[1], F_SETFD, 0);
    pid_t pid = -1;
    const int failed =
        posix_spawn(&pid, words[0].c_str(), nullptr, nullptr, arguments.data(), variables.data());
    ::close(ends[1]);
    if (failed != 0) {
        ::close(ends[0]);
        throw Fatal("cannot start the worker " + words[0] + ": " + std::strerror(failed));
    }
    auto member = std::make_unique<Member>();
    member->socket = MessageSocket(ends[0]);
    member->share = share;
    member->name = "worker " + std::to_string(members_.size());
    member->pid = pid;
    members_.push_back(std::move(member));
}

void Crew::add_rank(MessageSocket socket, const Share& share, const std::string& name) {
    auto member = std::make_unique<Member>();
    member->socket = std::move(socket);
    member->share = share;
    member->name = name;
    member->state = Member::State::greeted;
    members_.push_back(std::move(member));
}

void Crew::tell_plan(const Plan& plan) {
    for (auto& each : members_) each->socket.send(Word::plan, plan_text(plan, each->share));
}

void Crew::tell(Word word) {
    for (auto& each : members_)
        if (each->state != Member::State::lost) each->socket.send(word);
}

void Crew::take(Member& member, const Message& message, Nanos now) {
    member.heard = now;
    switch (message.word) {
        case Word::hello:
            if (!message.bytes.starts_with(std::string(CSIM_VERSION) + " "))
                throw Fatal(member.name + " is another version of this program: " + message.bytes);
            member.state = Member::State::greeted;
            return;
        case Word::ready:
            if (!member.totals.unpack(message.bytes)) return lose(member, "sent what cannot be read");
            member.state = Member::State::ready;
            return;
        case Word::error:
            throw Fatal(message.bytes, 2);
        case Word::stats:
        case Word::done:
            if (!message.bytes.empty() && !member.totals.unpack(message.bytes))
                return lose(member, "sent what cannot be read");
            if (message.word == Word::done) {
                member.state = Member::State::done;
            } else if (member.state == Member::State::ready) {
                member.state = Member::State::working;
            }
            return;
        default:
            return;
    }
}

std::string Crew::end_of(pid_t pid) {
    int status = 0;
    if (pid <= 0) return "its connection broke";
    if (waitpid(pid, &status, 0) != pid) return "it is gone";
    if (WIFSIGNALED(status)) {
        const bool perhaps = WTERMSIG(status) == SIGKILL;
        return "signal " + std::to_string(WTERMSIG(status)) +
               (perhaps ? " (killed, perhaps for want of memory)" : "");
    }
    return "exit status " + std::to_string(WEXITSTATUS(status));
}

void Crew::lose(Member& member, const std::string& how) {
    if (member.pid > 0) kill(member.pid, SIGKILL);
    const std::string end = end_of(member.pid);
    member.pid = -1;
    member.state = Member::State::lost;
    member.ending = how.empty() ? end : how + ", " + end;
}

void Crew::poll(int limit_ms, Nanos now) {
    std::vector<pollfd> waiting;
    for (auto& each : members_)
        if (each->state != Member::State::lost && each->state != Member::State::done)
            waiting.push_back(
                {each->socket.fd(), static_cast<short>(POLLIN | (each->socket.wants_write() ? POLLOUT : 0)),
                 0}
            );
    ::poll(waiting.data(), waiting.size(), limit_ms);
    for (auto& each : members_) {
        if (each->state == Member::State::lost || each->state == Member::State::done) continue;
        if (each->heard == 0) each->heard = now;
        each->socket.pump();
        while (const auto message = each->socket.receive()) take(*each, *message, now);
        if (each->state == Member::State::done || each->state == Member::State::lost) continue;
        if (each->socket.broken()) {
            lose(*each, "");
        } else if (each->state == Member::State::working && now - each->heard > silence_max) {
            lose(*each, "said nothing for 30 s");
        }
    }
}

bool Crew::all(Member::State state) const {
    return std::all_of(members_.begin(), members_.end(), [state](const auto& each) {
        return each->state >= state;
    });
}

std::size_t Crew::lost() const {
    return static_cast<std::size_t>(std::count_if(members_.begin(), members_.end(), [](const auto& each) {
        return each->state == Member::State::lost;
    }));
}

Totals Crew::totals() const {
    Totals all;
    for (const auto& each : members_) {
        Totals one = each->totals;
        if (each->state == Member::State::lost) {
            if (const std::uint64_t held = one[Count::held]; held > 0)
                one.drops[{Reason::worker_lost, 0}] += held;
            for (std::size_t i = 0; i < count_kinds; ++i)
                if (is_gauge(static_cast<Count>(i))) one.counts[i] = 0;
            one[Count::dead] = each->share.count;
        } else if (each->state < Member::State::working) {
            one[Count::unborn] = each->share.count;
        }
        all.merge(one);
    }
    return all;
}

}  // namespace csim::connections
