#include "core/event_loop.hpp"

#include "core/lag_ring.hpp"
#include "core/posted_work.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

namespace csim {

namespace {

using Wall = std::chrono::steady_clock;

/// How much of one kind of work runs before the other kinds get their turn.
constexpr int batch_max = 256;
/// And for how long: whoever splits long work into many events means to let others in between.
constexpr auto batch_time_max = std::chrono::milliseconds(4);

/// Longest single wait: keeps wall arithmetic far from its limits when the next event is years away.
constexpr Duration wait_max = 1h;

}  // namespace

SimTime wall_now() {
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    return SimTime::from_unix_ns(std::chrono::duration_cast<Duration>(since_1970).count());
}

struct EventLoop::Impl {
    Impl(Timeline& line, Pace how) : timeline(line), pace(how) {}

    Timeline& timeline;
    const Pace pace;
    boost::asio::io_context io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard = make_work_guard(io);
    PostedWork posted;
    std::atomic<bool> stopping{false};
    std::atomic<int> holds{0};
    std::atomic<std::thread::id> thread{};  // the one inside run()
    UniqueFunction<void()> hook;
    LagRing lags;
    Wall::time_point wall_anchor;
    SimTime sim_anchor;
    SimTime end = SimTime::max();

    /// The loop's own thread needs no waking: it looks at everything again before it waits.
    void wake() {
        if (thread.load(std::memory_order_relaxed) != std::this_thread::get_id())
            boost::asio::post(io, [] {});
    }
    bool stopped() const { return stopping.load(std::memory_order_acquire); }

    int run_posted();
    int poll_io();
    int run_due();
    void call_hook() {
        if (hook) hook();
    }

    void anchor();
    SimTime simulated(Wall::time_point wall) const;
    Wall::time_point wall_of(SimTime due) const;
    void follow_wall() { timeline.follow(simulated(Wall::now())); }
    static SimTime ask_wall(void* self) { return static_cast<Impl*>(self)->simulated(Wall::now()); }

    void run(SimTime until, bool to_end);
    void run_paced();
    void wait_paced();
    void run_instant(bool to_end);
    bool jump_instant(bool to_end);
};

int EventLoop::Impl::run_posted() {
    int done = 0;
    for (; done < batch_max && posted.any() && !stopped(); ++done) {
        UniqueFunction<void()> work = posted.take();
        work();
    }
    return done;
}

int EventLoop::Impl::poll_io() {
    int done = 0;
    while (done < batch_max && !stopped() && io.poll_one() > 0) ++done;
    return done;
}

void EventLoop::Impl::anchor() {
    wall_anchor = Wall::now();
    sim_anchor = timeline.now();
}

/// Never beyond `end`, so that a run_until() leaves the clock there.
SimTime EventLoop::Impl::simulated(Wall::time_point wall) const {
    const double passed = double(std::chrono::duration_cast<Duration>(wall - wall_anchor).count());
    const double left = double(end.unix_ns()) - double(sim_anchor.unix_ns());
    const double ahead = passed * *pace.speed;
    if (ahead >= left) return end;
    return sim_anchor + Duration(static_cast<std::int64_t>(ahead));
}

Wall::time_point EventLoop::Impl::wall_of(SimTime due) const {
    const double ahead = (double(due.unix_ns()) - double(sim_anchor.unix_ns())) / *pace.speed;
    const auto latest = Wall::now() + wait_max;
    if (ahead > double(std::chrono::duration_cast<Duration>(latest - wall_anchor).count())) return latest;
    // One more nanosecond, because simulated() rounds down and must have reached `due` then.
    return wall_anchor + Duration(static_cast<std::int64_t>(ahead) + 1);
}

/// Runs events that are due by the wall. Each sees the wall's idea of now.
int EventLoop::Impl::run_due() {
    const auto begun = Wall::now();
    int done = 0;
    for (; done < batch_max && !stopped(); ++done) {
        const auto wall = Wall::now();
        if (wall - begun > batch_time_max) break;
        timeline.follow(simulated(wall));
        const auto due = timeline.next_due();
        if (!due || *due > timeline.now()) break;
        lags.add(Duration(static_cast<std::int64_t>(double((timeline.now() - *due).count()) / *pace.speed)));
        timeline.run_next();
    }
    return done;
}

void EventLoop::Impl::wait_paced() {
    const SimTime target = std::min(timeline.next_due().value_or(SimTime::max()), end);
    // Handlers run inside the wait: the first to ask for the time gets the present, not the time before it.
    timeline.ask_at_next_now(&Impl::ask_wall, this);
    if (target == SimTime::max())
        io.run_one();
    else
        io.run_one_until(wall_of(target));
}

void EventLoop::Impl::run_paced() {
    anchor();
    while (!stopped()) {
        follow_wall();
        int done = run_posted();
        done += run_due();
        timeline.ask_at_next_now(&Impl::ask_wall, this);
        done += poll_io();
        if (done == 0) wait_paced();
        call_hook();
        if (timeline.now() >= end && timeline.next_due().value_or(SimTime::max()) > end) break;
    }
    follow_wall();
}

/// Runs the events of the next instant; false if nothing is left to happen until the end.
bool EventLoop::Impl::jump_instant(bool to_end) {
    const auto due = timeline.next_due();
    if (due && *due <= end) {
        timeline.run_next();
        return true;
    }
    if (to_end) timeline.advance_to(end);
    return false;
}

void EventLoop::Impl::run_instant(bool to_end) {
    int unlooked = 0;  // events since I/O was last looked at
    while (!stopped()) {
        const bool worked = run_posted() > 0;
        if (worked && posted.any()) continue;
        const auto due = timeline.next_due();
        const bool jumps = !due || *due > timeline.now();
        if (jumps) {
            call_hook();
            if (posted.any()) continue;
        }
        if (stopped()) return;
        if (jumps && holds.load() > 0) {
            io.run_one();
            continue;
        }
        if (++unlooked >= batch_max) {
            unlooked = 0;
            if (poll_io() > 0) continue;
        }
        if (jump_instant(to_end)) continue;
        if (poll_io() == 0 && !posted.any() && holds.load() == 0) return;
    }
}

void EventLoop::Impl::run(SimTime until, bool to_end) {
    end = until;
    thread = std::this_thread::get_id();
    pace.speed ? run_paced() : run_instant(to_end);
    thread = std::thread::id();
    stopping = false;
}

EventLoop::EventLoop(Timeline& timeline, Pace pace) : impl_(std::make_unique<Impl>(timeline, pace)) {}

EventLoop::~EventLoop() {
    impl_->timeline.follow(SimTime::from_unix_ns(INT64_MIN));
}

void EventLoop::post(UniqueFunction<void()> work) {
    if (impl_->posted.add(std::move(work))) impl_->wake();
}

boost::asio::io_context& EventLoop::io() {
    return impl_->io;
}

void EventLoop::before_waiting(UniqueFunction<void()> hook) {
    impl_->hook = std::move(hook);
}

void EventLoop::run() {
    impl_->run(SimTime::max(), false);
}

void EventLoop::run_until(SimTime end) {
    impl_->run(end, true);
}

void EventLoop::stop() {
    impl_->stopping = true;
    impl_->wake();
}

Lag EventLoop::lag() const {
    return impl_->lags.lag();
}

const DurationHistogram& EventLoop::lags() const {
    return impl_->lags.all();
}

void EventLoop::reset_lag() {
    impl_->lags.reset();
}

EventLoop::Hold::Hold(EventLoop& loop) : loop_(&loop) {
    ++loop.impl_->holds;
}

EventLoop::Hold::~Hold() {
    if (loop_ && --loop_->impl_->holds == 0) loop_->impl_->wake();
}

}  // namespace csim
