#include "benchmark/drive/monitor.hpp"

#include "benchmark/drive/await.hpp"
#include "benchmark/drive/own_process.hpp"
#include "benchmark/drive/prober.hpp"
#include "benchmark/drive/proc_files.hpp"
#include "benchmark/drive/status_page.hpp"

#include <atomic>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace csim {
namespace {

constexpr Duration answer_limit = 3600s;
bool never() {
    return false;
}

double in_ms(Duration span) {
    return static_cast<double>(span.count()) * 1e-6;
}

HttpsClientOptions client_options(const ManagerUrl& manager) {
    HttpsClientOptions options;
    options.host = manager.host;
    options.port = manager.port;
    options.tls = manager.tls;
    options.connections_max = 512;
    return options;
}

ProbeOptions probe_options(const MonitorOptions& options) {
    ProbeOptions made;
    for (const std::string& path : probed_paths())
        made.targets.push_back(options.manager.base_path + path.substr(1));
    made.per_second = options.probes_per_second * static_cast<double>(made.targets.size());
    made.timeout = options.probe_timeout;
    return made;
}

std::optional<pid_t> find_process(const MonitorOptions& options) {
    if (options.manager_pid) return options.manager_pid;
    if (!is_this_machine(options.manager.host)) return std::nullopt;
    const auto found = listener_of(options.manager.port);
    if (!found || *found == ::getpid()) return std::nullopt;
    return found;
}

}  // namespace

const std::vector<std::string>& probed_paths() {
    static const std::vector<std::string> paths{
        "/api/session/",        "/api/volume/",         "/api/target/",      "/api/host/",
        "/api/volume/?limit=0", "/api/target/?limit=0", "/api/host/?limit=0"};
    return paths;
}

struct Monitor::Impl {
    MonitorOptions options;
    const ClusterPort& cluster;
    Timeline timeline;
    EventLoop loop;
    HttpsClient client;
    RestClient driver;  ///< requests of whoever drives the manager
    ProbeLedger ledger;
    Prober prober;
    StatusPage status;
    std::optional<ProcessWatch> process;
    OwnProcess own;
    KernelReading kernel = read_kernel();
    const SimTime began;
    bool warm_up = true;
    std::atomic<bool> restarting = false;

    mutable std::mutex mutex;  ///< guards what follows
    std::string phase = "start";
    std::vector<Interval> intervals;
    MarkedFigures marked;

    std::thread thread;

    Impl(MonitorOptions given, const ClusterPort& port)
        : options(std::move(given)),
          cluster(port),
          timeline(wall_now()),
          loop(timeline, Pace::realtime()),
          client(loop, client_options(options.manager)),
          driver(client, options.manager.base_path, options.request_timeout),
          ledger(probed_paths()),
          prober(timeline, client, ledger, probe_options(options)),
          status(client, options.manager.base_path),
          began(timeline.now()) {
        if (const auto pid = find_process(options)) process.emplace(*pid);
        if (process) process->read(0);
        timeline.after(options.interval, [this] { close_interval(); });
        thread = std::thread([this] { loop.run(); });
    }
    ~Impl() {
        loop.stop();
        thread.join();
    }

    /// Runs on the loop's thread; whoever asks waits.
    template <class T>
    T ask(std::function<T()> question) {
        const Awaited<T> answer;
        loop.post([answer, question] { answer.set(question()); });
        auto told = answer.wait(answer_limit, never);
        return told ? std::move(**told) : T{};
    }
    double seconds() const { return static_cast<double>((timeline.now() - began).count()) * 1e-9; }

    void close_interval();
    Interval read_all();
    void look_for_successor();
};

/// A manager that restarts on purpose comes back as another process.
void Monitor::Impl::look_for_successor() {
    MonitorOptions by_port = options;
    by_port.manager_pid.reset();
    const auto pid = find_process(by_port);
    if (!pid || (process && process->pid() == *pid)) return;
    process.emplace(*pid);
    process->read(seconds());
}

Interval Monitor::Impl::read_all() {
    Interval made;
    made.at = seconds();
    made.warm_up = warm_up;
    const ClusterVitals vitals = cluster.vitals();
    made.servers = vitals.nodes;
    made.sessions = vitals.sessions_open;
    made.own = own.read(made.at);
    made.own.simulator_lag_ms = vitals.lag_ms;
    made.own.send_lateness_ms = in_ms(prober.take_lateness().quantile(0.99));
    made.own.waiting_probes = static_cast<double>(prober.waiting());
    made.invalid_because =
        why_invalid(made.own, options.own, static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN)));
    made.valid = made.invalid_because.empty();
    const KernelReading counters = read_kernel();
    made.kernel = difference(counters, kernel);
    kernel = counters;
    if (restarting) look_for_successor();
    if (process) made.manager = process->read(made.at);
    if (restarting && !made.manager.alive) made.manager = {};
    made.queues = status.queues();
    made.connections = status.connections();
    return made;
}

void Monitor::Impl::close_interval() {
    timeline.after(options.interval, [this] { close_interval(); });
    Interval made = read_all();
    const IntervalFigures api = ledger.close_interval(timeline.now(), made.valid);
    made.requests = static_cast<double>(api.requests);
    made.errors = static_cast<double>(api.errors);
    made.timeouts = static_cast<double>(api.timeouts);
    made.p50_ms = in_ms(api.p50), made.p90_ms = in_ms(api.p90);
    made.p99_ms = in_ms(api.p99), made.max_ms = in_ms(api.max);
    status.refresh();
    const std::lock_guard lock(mutex);
    made.phase = phase;
    intervals.push_back(std::move(made));
    const LatencyHistogram& since = ledger.since_mark();
    marked = {
        in_ms(since.quantile(0.5)), in_ms(since.quantile(0.99)), ledger.requests_since_mark(),
        ledger.failures_since_mark()};
}

Monitor::Monitor(MonitorOptions options, const ClusterPort& cluster)
    : impl_(std::make_unique<Impl>(std::move(options), cluster)) {}

Monitor::~Monitor() = default;

Result<Nothing> Monitor::login(
    const std::string& username, const std::string& password, const GiveUp& give_up
) {
    const Awaited<Nothing> done;
    Impl* impl = impl_.get();
    impl->loop.post([impl, done, username, password] {
        impl->driver.login(username, password, [impl, done](Result<Nothing> result) {
            if (result) {
                impl->prober.set_cookie(impl->driver.cookie_field());
                impl->status.set_cookie(impl->driver.cookie_field());
                impl->status.refresh();
            }
            done.set(std::move(result));
        });
    });
    auto told = done.wait(impl->options.request_timeout * 2 + 10s, give_up);
    if (!told) return Error{Errc::exhausted, "nobody waited for the login any longer"};
    return std::move(*told);
}

Result<RestReply> Monitor::request(
    const std::string& method, const std::string& path, const std::string& body, const GiveUp& give_up
) {
    const Awaited<RestReply> done;
    Impl* impl = impl_.get();
    impl->loop.post([impl, done, method, path, body] {
        impl->driver.request(method, path, body, [done](Result<RestReply> reply) {
            done.set(std::move(reply));
        });
    });
    auto told = done.wait(answer_limit, give_up);
    if (!told) return Error{Errc::exhausted, "nobody waited for an answer to " + path + " any longer"};
    return std::move(*told);
}

void Monitor::start_probes() {
    impl_->loop.post([impl = impl_.get()] { impl->prober.start(); });
}

void Monitor::stop_probes() {
    impl_->loop.post([impl = impl_.get()] { impl->prober.stop(); });
}

void Monitor::begin_measurement() {
    impl_->ask<Nothing>([impl = impl_.get()] {
        impl->ledger.begin_measurement(impl->timeline.now());
        impl->warm_up = false;
        return Nothing{};
    });
}

void Monitor::set_phase(const std::string& phase) {
    const std::lock_guard lock(impl_->mutex);
    impl_->phase = phase;
}

void Monitor::mark() {
    impl_->ask<Nothing>([impl = impl_.get()] {
        impl->ledger.mark();
        const std::lock_guard lock(impl->mutex);
        impl->marked = {};
        return Nothing{};
    });
}

MarkedFigures Monitor::marked() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->marked;
}

std::vector<Interval> Monitor::intervals() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->intervals;
}

std::optional<Interval> Monitor::last_interval() const {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->intervals.empty()) return std::nullopt;
    return impl_->intervals.back();
}

std::vector<PathFigures> Monitor::paths() const {
    return impl_->ask<std::vector<PathFigures>>([impl = impl_.get()] { return impl->ledger.paths(); });
}

std::uint64_t Monitor::probes_sent() const {
    return impl_->ask<std::uint64_t>([impl = impl_.get()] { return impl->prober.sent(); });
}

bool Monitor::manager_known() const {
    return impl_->process.has_value();
}

pid_t Monitor::manager_pid() const {
    return impl_->process ? impl_->process->pid() : -1;
}

void Monitor::expect_restart(bool expected) {
    impl_->restarting = expected;
}

bool Monitor::manager_gone() const {
    const auto last = last_interval();
    return last && last->manager.known && !last->manager.alive;
}

}  // namespace csim
