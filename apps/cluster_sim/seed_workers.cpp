#include "apps/cluster_sim/seed_workers.hpp"

#include "core/result.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace csim {
namespace {

std::string report_line(std::uint64_t seed, const SwarmOutcome& outcome) {
    return Json{
               {"seed", seed},
               {"invariant", outcome.invariant},
               {"sentence", outcome.sentence},
               {"events", outcome.events},
               {"simulated", outcome.simulated_seconds},
               {"digest", outcome.digest}}
               .dump(-1, ' ', false, Json::error_handler_t::replace) +
           "\n";
}

void write_all(int pipe, const std::string& text) {
    std::size_t done = 0;
    while (done < text.size()) {
        const auto wrote = ::write(pipe, text.data() + done, text.size() - done);
        if (wrote <= 0) ::_exit(1);
        done += static_cast<std::size_t>(wrote);
    }
}

[[noreturn]] void run_seeds(int pipe, std::uint64_t seed, std::uint64_t end, std::uint64_t step) {
    for (; seed < end; seed += step) {
        SwarmOutcome outcome;
        try {
            outcome = run_swarm(SwarmCase{seed, {}, {}});
        } catch (const std::exception& fault) {
            outcome.invariant = "exception";
            outcome.sentence = fault.what();
        }
        write_all(pipe, report_line(seed, outcome));
    }
    ::_exit(0);
}

SeedReport parse_report(const std::string& line) {
    const Json json = Json::parse(line);
    SeedReport report;
    report.seed = json["seed"].get<std::uint64_t>();
    report.invariant = json["invariant"].get<std::string>();
    report.sentence = json["sentence"].get<std::string>();
    report.events = json["events"].get<std::uint64_t>();
    report.simulated_seconds = json["simulated"].get<double>();
    report.digest = json["digest"].get<std::uint64_t>();
    return report;
}

}  // namespace

SeedWorkers::SeedWorkers(std::uint64_t first, std::uint64_t seeds, unsigned jobs)
    : end_(first + seeds), jobs_(jobs) {
    workers_.resize(jobs_);
    for (unsigned i = 0; i < jobs_; ++i) {
        workers_[i].next = first + i;
        if (workers_[i].next < end_) launch(workers_[i]);
    }
}

SeedWorkers::~SeedWorkers() {
    stop();
}

void SeedWorkers::launch(Worker& worker) {
    int ends[2];
    if (::pipe(ends) != 0) throw Fatal("no pipe can be had for a worker; raise the limit of descriptors");
    const int pid = ::fork();
    if (pid < 0) throw Fatal("no process can be had for a worker");
    if (pid == 0) {
        ::close(ends[0]);
        run_seeds(ends[1], worker.next, end_, jobs_);
    }
    ::close(ends[1]);
    worker.pid = pid;
    worker.pipe = ends[0];
    worker.text.clear();
}

void SeedWorkers::stop() {
    end_ = 0;
    for (Worker& worker : workers_) {
        if (worker.pid == 0) continue;
        ::kill(worker.pid, SIGKILL);
        ::waitpid(worker.pid, nullptr, 0);
        ::close(worker.pipe);
        worker.pid = 0;
    }
}

/// False at the end of its pipe.
bool SeedWorkers::read_from(Worker& worker) {
    char bytes[4096];
    const auto got = ::read(worker.pipe, bytes, sizeof bytes);
    if (got <= 0) return false;
    worker.text.append(bytes, static_cast<std::size_t>(got));
    for (auto end = worker.text.find('\n'); end != std::string::npos; end = worker.text.find('\n')) {
        ready_.push_back(parse_report(worker.text.substr(0, end)));
        worker.text.erase(0, end + 1);
        worker.next += jobs_;
    }
    return true;
}

void SeedWorkers::died(Worker& worker) {
    int status = 0;
    ::waitpid(worker.pid, &status, 0);
    ::close(worker.pipe);
    worker.pid = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    SeedReport report;
    report.seed = worker.next;
    report.invariant = "crash";
    report.sentence = WIFSIGNALED(status)
                          ? "the run died of signal " + std::to_string(WTERMSIG(status))
                          : "the run ended with status " + std::to_string(WEXITSTATUS(status));
    report.crashed = true;
    ready_.push_back(report);
    worker.next += jobs_;
    if (worker.next < end_) launch(worker);
}

std::optional<SeedReport> SeedWorkers::next() {
    while (ready_.empty()) {
        std::vector<pollfd> wanted;
        std::vector<Worker*> whose;
        for (Worker& worker : workers_) {
            if (worker.pid == 0) continue;
            wanted.push_back({worker.pipe, POLLIN, 0});
            whose.push_back(&worker);
        }
        if (wanted.empty()) return std::nullopt;
        if (::poll(wanted.data(), wanted.size(), -1) < 0) continue;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            if (wanted[i].revents != 0 && !read_from(*whose[i])) died(*whose[i]);
        }
    }
    SeedReport report = ready_.front();
    ready_.pop_front();
    return report;
}

}  // namespace csim
