#include "connections/fleet/coordinator.hpp"

#include "connections/engine/driver.hpp"
#include "connections/fleet/crew.hpp"
#include "connections/fleet/machine.hpp"

#include <algorithm>
#include <csignal>
#include <ctime>

namespace csim::connections {
namespace {

constexpr int poll_ms = 100;
constexpr int gather_limit_s = 60;
constexpr Nanos answer_limit = 60 * second;

double seconds(Nanos span) {
    return static_cast<double>(span) / static_cast<double>(second);
}

std::string utc_now() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

void start_workers(Crew& crew, const Plan& plan, const Share& whole, std::size_t asked) {
    const std::size_t workers = asked != 0 ? asked : workers_for(whole.count);
    const std::size_t most = std::max<std::uint64_t>(1, whole.count);
    Plan part = plan;
    part.in_flight = whole.in_flight;
    for (Share& share : shares_of(plan, whole.first, whole.count, std::min(workers, most))) {
        // This rank's window and rate, divided once more.
        share.in_flight = std::max<unsigned>(
            1, static_cast<unsigned>(
                   std::uint64_t(whole.in_flight) * share.count / std::max<std::uint64_t>(1, whole.count)
               )
        );
        crew.start_worker(share);
    }
}

void wait_for(Crew& crew, Member::State state, const char* what) {
    const Nanos end = monotonic_now() + answer_limit;
    while (!crew.all(state)) {
        crew.poll(poll_ms, monotonic_now());
        if (crew.lost() > 0) {
            for (const auto& each : crew.members())
                if (each->state == Member::State::lost)
                    throw Fatal(each->name + " ended before the run began: " + each->ending);
        }
        if (monotonic_now() > end) throw Fatal(std::string("workers did not ") + what + " within a minute");
    }
}

class Lead {
  public:
    Lead(const Plan& plan, const RunPorts& ports) : plan_(plan), ports_(ports), crew_(ports.worker_command) {
        outcome_.plan = plan;
        outcome_.started = utc_now();
    }

    Outcome run() {
        prepare();
        outcome_.before_ramp = crew_.totals();
        began_ = monotonic_now();
        crew_.tell(Word::start);
        const bool gone_on = ramp() && stay("settle", plan_.settle.count());
        outcome_.ramp_seconds =
            reached_at_ != 0 ? seconds(reached_at_ - began_) : seconds(monotonic_now() - began_);
        outcome_.at_hold = crew_.totals();
        outcome_.cpu_ramp_seconds = cpu(outcome_.at_hold) - cpu(outcome_.before_ramp);
        if (gone_on) hold();
        outcome_.at_end = crew_.totals();
        outcome_.cpu_hold_seconds = cpu(outcome_.at_end) - cpu(outcome_.at_hold);
        finish();
        return std::move(outcome_);
    }

  private:
    static double cpu(const Totals& totals) { return static_cast<double>(totals[Count::cpu_us]) * 1e-6; }

    void prepare() {
        const auto ranks = static_cast<std::size_t>(ports_.place.size);
        const auto shares = shares_of(plan_, 0, plan_.connections, ranks);
        start_workers(crew_, plan_, shares[0], ports_.workers);
        outcome_.workers = crew_.members().size();
        outcome_.ranks = ranks;
        wait_for(crew_, Member::State::greeted, "start");
        if (ports_.place.several()) {
            auto sockets = gather_ranks(ports_.place, gather_limit_s);
            for (std::size_t i = 0; i < sockets.size(); ++i)
                crew_.add_rank(std::move(sockets[i]), shares[i + 1], "rank " + std::to_string(i + 1));
        }
        crew_.tell_plan(plan_);
        wait_for(crew_, Member::State::ready, "get ready");
    }

    /// Until all are held, or cannot be. False: to be ended.
    bool ramp() {
        const Nanos limit = plan_.ramp_limit.count() > 0 ? plan_.ramp_limit.count() : ramp_limit();
        const Nanos first_try = plan_.timeout_connect.count() + plan_.timeout_handshake.count() + 5 * second;
        for (;;) {
            const Totals now = watch("ramp");
            if (stopped()) return false;
            const bool all = now[Count::held] >= plan_.connections;
            const bool settled =
                now[Count::unborn] == 0 && now[Count::connecting] == 0 && now[Count::waiting] == 0;
            if (all || (settled && now[Count::held] + now[Count::dead] >= plan_.connections)) {
                outcome_.reached = all;
                reached_at_ = monotonic_now();
                return true;
            }
            const Nanos spent = monotonic_now() - began_;
            if (spent > first_try && now[Count::handshakes] == 0) return false;
            if (spent > limit) return true;
        }
    }

    Nanos ramp_limit() const {
        const double asked =
            plan_.ramp_rate > 0 ? static_cast<double>(plan_.connections) / plan_.ramp_rate : 0;
        return static_cast<Nanos>(asked * 3 * static_cast<double>(second)) +
               static_cast<Nanos>(plan_.connections) * 4 * millisecond + 120 * second;
    }

    bool stay(const char* phase, Nanos span) {
        const Nanos end = monotonic_now() + span;
        while (monotonic_now() < end) {
            watch(phase);
            if (stopped()) return false;
        }
        return true;
    }

    void hold() {
        const Nanos start = monotonic_now();
        crew_.tell(Word::hold);
        outcome_.held_min = outcome_.at_hold[Count::held];
        for (const Nanos end = start + plan_.hold.count(); monotonic_now() < end;) {
            const Totals now = watch("hold");
            outcome_.held_min = std::min(outcome_.held_min, now[Count::held]);
            if (stopped() || crew_.all(Member::State::lost)) break;
        }
        outcome_.hold_seconds = seconds(monotonic_now() - start);
    }

    void finish() {
        crew_.tell(Word::drain);
        const Nanos end = monotonic_now() + answer_limit;
        while (!crew_.all(Member::State::done) && monotonic_now() < end) crew_.poll(poll_ms, monotonic_now());
        outcome_.at_last = crew_.totals();
        for (const auto& each : crew_.members())
            if (each->state == Member::State::lost)
                outcome_.lost.push_back(
                    {each->name, each->ending, each->share.count, each->totals[Count::held]}
                );
    }

    bool stopped() {
        if (!ports_.stop || !ports_.stop()) return false;
        outcome_.interrupted = true;
        return true;
    }

    /// Waits for news; each second it makes a line of them.
    Totals watch(const char* phase) {
        // Merging costs something with many workers, and nobody needs it more often.
        const auto workers = static_cast<Nanos>(crew_.members().size());
        const Nanos until = monotonic_now() + std::min<Nanos>(second / 5, 10 * millisecond * workers);
        do {
            crew_.poll(poll_ms, monotonic_now());
        } while (monotonic_now() < until);
        Totals now = crew_.totals();
        const Nanos at = monotonic_now();
        if (at - told_ >= second) note(phase, now, at);
        return now;
    }

    void note(const char* phase, const Totals& now, Nanos at) {
        const double span = told_ == 0 ? 1 : seconds(at - told_);
        const auto per_second = [&](Count which) {
            return now[which] < before_[which] ? 0 : static_cast<double>(now[which] - before_[which]) / span;
        };
        const auto lately = [&](Span which) { return now[which].since(before_[which]).quantile(0.99); };
        Moment moment;
        moment.at = seconds(at - began_);
        moment.phase = phase;
        moment.connects = per_second(Count::handshakes);
        moment.requests = per_second(Count::responses);
        moment.request_p99 = lately(Span::request);
        moment.lateness_p99 = lately(Span::lateness);
        const KernelMemory kernel = kernel_memory();
        moment.slab_bytes = kernel.slab_bytes;
        moment.available_bytes = kernel.available_bytes;
        moment.totals = now;
        told_ = at;
        before_ = now;
        outcome_.series.push_back(point_of(moment));
        if (ports_.tell) ports_.tell(moment);
    }

    static SeriesPoint point_of(const Moment& m) {
        SeriesPoint p;
        p.at = m.at;
        p.phase = m.phase;
        p.held = static_cast<double>(m.totals[Count::held]);
        p.connecting = static_cast<double>(m.totals[Count::connecting]);
        p.drops = static_cast<double>(Totals::sum(m.totals.drops));
        p.connects = m.connects;
        p.requests = m.requests;
        p.request_p99_ms = static_cast<double>(m.request_p99) / millisecond;
        p.lateness_p99_ms = static_cast<double>(m.lateness_p99) / millisecond;
        p.resident_bytes = static_cast<double>(m.totals[Count::resident_bytes]);
        p.slab_bytes = static_cast<double>(m.slab_bytes);
        p.available_bytes = static_cast<double>(m.available_bytes);
        return p;
    }

    const Plan& plan_;
    const RunPorts& ports_;
    Crew crew_;
    Outcome outcome_;
    Totals before_;
    Nanos began_ = 0, told_ = 0, reached_at_ = 0;
};

}  // namespace

Outcome lead(const Plan& plan, const RunPorts& ports) {
    std::signal(SIGPIPE, SIG_IGN);
    return Lead(plan, ports).run();
}

bool follow(const RunPorts& ports) {
    std::signal(SIGPIPE, SIG_IGN);
    MessageSocket first = join_first(ports.place, gather_limit_s);
    Crew crew(ports.worker_command);
    Nanos told = 0;
    bool draining = false;
    while (!(draining && crew.all(Member::State::done))) {
        if (first.broken()) return false;
        first.pump();
        while (const auto message = first.receive()) {
            if (message->word == Word::plan) {
                try {
                    const auto assignment = parse_plan(message->bytes).value();
                    start_workers(crew, assignment.first, assignment.second, ports.workers);
                    wait_for(crew, Member::State::greeted, "start");
                    crew.tell_plan(assignment.first);
                    wait_for(crew, Member::State::ready, "get ready");
                    first.send(Word::ready, crew.totals().packed());
                } catch (const std::exception& problem) {
                    first.send(Word::error, problem.what());
                }
            } else {
                crew.tell(message->word);
                draining |= message->word == Word::drain;
            }
        }
        crew.poll(poll_ms, monotonic_now());
        if (monotonic_now() - told < second / 2 || !crew.all(Member::State::working)) continue;
        told = monotonic_now();
        first.send(Word::stats, crew.totals().packed());
    }
    first.send(Word::done, crew.totals().packed());
    first.flush(10'000);
    return true;
}

}  // namespace csim::connections
