#include "benchmark/crash/crash_rounds.hpp"

#include "benchmark/crash/crash_model.hpp"
#include "core/work_queue.hpp"
#include "state/faulty_files.hpp"

#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace csim {

namespace {

constexpr int refused_status = 78;

struct Life {
    Fault fault;
    Syncs syncs = Syncs::real;
    std::uint64_t checkpoint_bytes = 0;
    std::uint64_t under_way_max = 1;
    std::uint64_t changes = 0;  ///< then it closes the folder properly
};

void live(const std::filesystem::path& folder, int pipe, const Life& life) {
    WorkQueue inbox;
    FaultyFiles files(system_files(), life.fault, life.syncs);
    auto store = open_directory(
        folder, inbox, {.program = "crash rounds", .checkpoint_bytes = life.checkpoint_bytes, .files = &files}
    );
    auto last = last_change(*store);
    const auto end = last + life.changes;
    std::uint64_t durable = last;
    while (durable < end) {
        while (last < end && last - durable < life.under_way_max) {
            const auto number = ++last;
            stage_change(*store, number);
            store->commit([&durable, pipe, number] {
                durable = number;
                if (::write(pipe, &number, sizeof number) != sizeof number) ::_exit(refused_status);
            });
        }
        inbox.run_one();
    }
    store.reset();
}

[[noreturn]] void live_and_exit(const std::filesystem::path& folder, int pipe, const Life& life) {
    try {
        live(folder, pipe, life);
        ::_exit(0);
    } catch (const std::exception& error) {
        const auto length = std::strlen(error.what());
        if (::write(STDERR_FILENO, error.what(), length) < 0 || ::write(STDERR_FILENO, "\n", 1) < 0)
            ::_exit(1);
        ::_exit(refused_status);
    }
}

}  // namespace

struct CrashRounds::Plan {
    std::string death;
    Life life;
    std::uint64_t kill_after = 0;  ///< acknowledgements; the kill follows after some more turns
    std::uint64_t kill_turns = 0;
};

CrashRounds::CrashRounds(std::filesystem::path folder, std::uint64_t seed, Syncs syncs)
    : folder_(std::move(folder)), random_state_(seed), syncs_(syncs) {}

// SplitMix64: any even generator does, and this needs nothing.
std::uint64_t CrashRounds::random(std::uint64_t bound) {
    random_state_ += 0x9e3779b97f4a7c15u;
    auto z = random_state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % bound;
}

CrashRounds::Plan CrashRounds::make_plan() {
    Plan plan;
    plan.life.syncs = syncs_;
    plan.life.checkpoint_bytes = 500u << random(7);
    plan.life.under_way_max = 1 + random(20);
    plan.life.changes = 20 + random(40);
    const auto kind = random(10);
    if (kind == 0) {
        plan.death = "closed";
        return plan;
    }
    if (kind < 5) {
        plan.death = "killed";
        plan.life.changes = 1'000'000;
        plan.kill_after = random(40);
        plan.kill_turns = random(20'000);
        return plan;
    }
    static constexpr Fault::Kind kinds[] = {
        Fault::Kind::die_before, Fault::Kind::die_within, Fault::Kind::die_after};
    plan.death = "died in a file operation";
    plan.life.changes = 1'000'000;
    plan.life.fault = {.kind = kinds[random(3)], .at = 1 + random(100), .bytes = random(600)};
    return plan;
}

std::uint64_t CrashRounds::read_acknowledged(int pipe, int process, const Plan& plan) {
    std::uint64_t number = 0;
    std::uint64_t last = 0;
    std::uint64_t count = 0;
    const auto kill_it = [&] {
        for (volatile std::uint64_t turn = 0; turn < plan.kill_turns;) turn = turn + 1;
        ::kill(process, SIGKILL);
    };
    const bool kills = plan.death == "killed";
    if (kills && plan.kill_after == 0) kill_it();
    while (::read(pipe, &number, sizeof number) == sizeof number) {
        last = number;
        ++totals_.acknowledged;
        if (kills && ++count == plan.kill_after) kill_it();
    }
    return last;
}

void CrashRounds::run_one() {
    const auto plan = make_plan();
    int ends[2] = {};
    if (::pipe(ends) != 0) throw Fatal("cannot make a pipe");
    const auto process = ::fork();
    if (process < 0) throw Fatal("cannot start a process");
    if (process == 0) {
        ::close(ends[0]);
        live_and_exit(folder_, ends[1], plan.life);
    }
    ::close(ends[1]);
    const auto acknowledged = read_acknowledged(ends[0], process, plan);
    ::close(ends[0]);
    int status = 0;
    ::waitpid(process, &status, 0);
    ++totals_.rounds;
    ++totals_.deaths[plan.death];
    if (WIFEXITED(status) && WEXITSTATUS(status) == refused_status)
        problem(totals_.unreadable, "the process gave up");
    check(acknowledged);
}

void CrashRounds::check(std::uint64_t acknowledged) {
    try {
        // A life that died before it made the folder leaves nothing to read.
        if (!std::filesystem::exists(folder_ / "version.json") && acknowledged == 0 && model_last_ == 0)
            return;
        const auto store = read_directory(folder_);
        const auto last = last_change(*store);
        if (last < acknowledged || last < model_last_) {
            return problem(
                totals_.lost, std::to_string(acknowledged) + " was acknowledged, " + std::to_string(last) +
                                  " is the last change there"
            );
        }
        while (model_last_ < last) stage_change(*model_, ++model_last_);
        model_->commit(nullptr);
        if (const auto what = difference(*store, *model_)) problem(totals_.differing, *what);
    } catch (const std::exception& error) {
        problem(totals_.unreadable, error.what());
    }
}

void CrashRounds::problem(std::uint64_t& count, const std::string& what) {
    ++count;
    if (totals_.first_problem.empty())
        totals_.first_problem = "round " + std::to_string(totals_.rounds) + ": " + what;
}

}  // namespace csim
