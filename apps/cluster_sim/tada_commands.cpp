// `cluster-sim tada-daemon`, `tada-query` and `tada-report`.
#include "apps/cluster_sim/tada_options.hpp"
#include "core/event_loop.hpp"
#include "core/utc.hpp"
#include "vcluster/tada/collector.hpp"
#include "vcluster/tada/print.hpp"
#include "vcluster/tada/replay.hpp"
#include "vcluster/tada/reporter.hpp"
#include "vcluster/tada/results.hpp"

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <poll.h>
#include <pwd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace csim {
namespace {

std::string login_name() {
    const passwd* entry = ::getpwuid(::geteuid());
    return entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
}

bool wants_color(const TadaOptions& o) {
    return o.color == "always" || (o.color == "auto" && o.log.empty() && ::isatty(1) != 0);
}

std::string data_base(const TadaOptions& o) {
    if (o.db_driver != "sqlite")
        throw Fatal(
            "results are kept by sqlite; the data base driver '" + o.db_driver + "' is not to be had", 2
        );
    return o.db_path;
}

std::int64_t seconds_now() {
    return wall_now().unix_ns() / 1'000'000'000;
}

void write_page(const std::string& path, TadaResults& results) {
    if (path.empty()) return;
    TadaFilter all;
    all.latest = false;
    const std::string fresh = path + ".new";
    std::ofstream(fresh) << tada_page(results.find(all));
    if (::rename(fresh.c_str(), path.c_str()) != 0) throw Fatal("cannot write " + path);
}

/// The daemon's output, in either form.
class Voice {
  public:
    explicit Voice(const TadaOptions& o)
        : first_(o.form == "v1"), color_(wants_color(o)), level_(rank(o.log_level)) {
        if (o.log.empty()) return;
        file_.emplace(o.log, std::ios::app);
        if (!*file_) throw Fatal("cannot write the log " + o.log);
    }
    void log(const std::string& level, const std::string& text) {
        if (rank(level) < level_) return;
        // The first form logs beside its results, the second among them.
        std::ostream& out = file_ ? *file_ : first_ ? std::cerr : std::cout;
        out << tada_log_prefix(wall_now(), first_ ? "tada_server" : "tadad", level, first_) << text << "\n"
            << std::flush;
    }
    void show(const TadaRun& run) {
        for (const std::string& line : tada_daemon_lines(run, !first_, color_)) {
            if (!first_)
                log("INFO", line);
            else
                (file_ ? *file_ : std::cout) << line << "\n" << std::flush;
        }
    }

  private:
    static int rank(const std::string& level) {
        static const std::string levels[] = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"};
        for (int i = 0; i < 5; ++i)
            if (levels[i] == level) return i;
        return 1;
    }
    bool first_, color_;
    int level_;
    std::optional<std::ofstream> file_;
};

/// The caller's program ends well, this one goes on without its terminal, in the same folder.
void go_to_the_background(int& signals) {
    const pid_t child = ::fork();
    if (child < 0) throw Fatal("there is no further process to be had");
    if (child > 0) {
        std::cout << child << "\n" << std::flush;
        ::_exit(0);
    }
    ::setsid();
    const int nothing = ::open("/dev/null", O_RDWR);
    for (const int each : {0, 1, 2}) ::dup2(nothing, each);
    if (nothing > 2) ::close(nothing);
    // Of the process that made it until now.
    ::close(signals);
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM), sigaddset(&stop, SIGINT);
    signals = ::signalfd(-1, &stop, SFD_CLOEXEC);
}

}  // namespace

int tada_replay(const TadaOptions& o) {
    const auto address = parse_tada_address(o.to);
    if (!address) throw Fatal("--to: " + address.error().detail, 2);
    std::ifstream in(o.from, std::ios::binary);
    if (!in || std::filesystem::is_directory(o.from)) throw Fatal("cannot read " + o.from, 2);
    const auto runs = tada_runs_of({std::istreambuf_iterator<char>(in), {}});
    if (!runs) throw Fatal(o.from + ": " + runs.error().detail, 2);
    for (const TadaRun& run : *runs) {
        if (const auto sent = replay_tada_run(*address, run); !sent) throw Fatal(sent.error().detail);
        std::cout << run.suite << " " << run.name << ": " << run.assertions.size() << " assertions\n";
    }
    return 0;
}

int tada_daemon(const TadaOptions& o) {
    if (o.daemonize && o.log.empty())
        throw Fatal("--daemonize needs a --log FILE, since it leaves the terminal", 2);
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM), sigaddset(&stop, SIGINT);
    ::sigprocmask(SIG_BLOCK, &stop, nullptr);
    int signals = ::signalfd(-1, &stop, SFD_CLOEXEC);
    Voice voice(o);
    if (o.form == "v2") voice.log("INFO", "============ start ============");
    TadaResults results(data_base(o));
    if (o.db_purge) results.purge_all();
    auto socket = DatagramSocket::bind(o.address, static_cast<std::uint16_t>(o.port));
    if (!socket) throw Fatal(socket.error().detail);
    TadaCollector collector(
        {[&](const TadaRun& run) { results.begin(run); },
         [&](const TadaRun& run, const TadaAssertion& each) { results.store(run.id, each); },
         [&](const TadaRun& run) {
             results.finish(run);
             voice.show(run);
             write_page(o.html, results);
         },
         [&](const std::string& level, const std::string& text) { voice.log(level, text); }}
    );
    if (o.daemonize) go_to_the_background(signals);
    voice.log("INFO", "Listening on udp " + o.address + ":" + std::to_string(socket->port()));
    for (;;) {
        pollfd waits[2] = {{socket->descriptor(), POLLIN, 0}, {signals, POLLIN, 0}};
        ::poll(waits, 2, o.idle_finish > 0 ? 1000 : -1);
        while (auto datagram = socket->receive())
            collector.receive(datagram->bytes, datagram->address, datagram->port, seconds_now());
        if (o.idle_finish > 0) collector.give_up(seconds_now() - o.idle_finish);
        if (waits[1].revents != 0) break;
    }
    if (o.form == "v2") voice.log("INFO", "------------ term ------------");
    ::close(signals);
    return 0;
}

int tada_query(const TadaOptions& o) {
    TadaResults results(data_base(o));
    if (o.purge_old) {
        std::cout << "Forgot " << results.purge_old() << " older runs.\n";
        return 0;
    }
    TadaFilter filter;
    filter.id = o.test_id, filter.suite = o.suite, filter.type = o.type, filter.name = o.name;
    const std::string user = o.user.empty() ? login_name() : o.user;
    if (o.test_id.empty() && user != "*") filter.user = user;
    if (o.test_id.empty() && o.commit.empty() && user != "*") filter.commit = results.last_commit(user);
    if (!o.commit.empty() && o.commit != "*") filter.commit = o.commit;
    if (o.only_passed + o.only_failed + o.only_skipped > 1)
        throw Fatal("only one of --only_passed, --only_failed and --only_skipped", 2);
    filter.only = o.only_passed ? "passed" : o.only_failed ? "failed" : o.only_skipped ? "skipped" : "";
    filter.latest = !o.all;
    if (!o.since.empty()) {
        const auto since = parse_utc(o.since);
        if (!since) throw Fatal("--since is a time such as 2026-01-31T12:00:00, not '" + o.since + "'", 2);
        filter.since = since->unix_ns() / 1'000'000'000;
    }
    const auto runs = results.find(filter);
    bool failed = false;
    Json all = Json::array();
    for (const TadaRun& run : runs) {
        if (!o.json) std::cout << tada_query_text(run, wants_color(o));
        all.push_back(tada_json(run));
        for (const TadaAssertion& each : run.assertions) failed = failed || each.status == "failed";
    }
    if (o.json) std::cout << all.dump(2) << "\n";
    if (!o.html.empty()) std::ofstream(o.html) << tada_page(runs);
    return o.check && failed ? 1 : 0;
}

int tada_report(const TadaOptions& o) {
    const auto address = parse_tada_address(o.to);
    if (!address) throw Fatal("--to: " + address.error().detail, 2);
    TadaRun run;
    run.suite = o.suite, run.type = o.type, run.name = o.name, run.description = o.description;
    run.user = o.user.empty() ? login_name() : o.user;
    run.commit = o.commit.empty() ? "-" : o.commit;
    auto reporter = TadaReporter::open(*address, run);
    if (!reporter) throw Fatal(reporter.error().detail);
    struct Given {
        std::string number, status, condition;
    };
    std::vector<Given> all;
    for (const std::string& each : o.assertions) {
        const auto first = each.find(':'), second = each.find(':', first + 1),
                   third = each.find(':', second + 1);
        const std::string status =
            first == std::string::npos ? "" : each.substr(first + 1, second - first - 1);
        if (second == std::string::npos || (status != "passed" && status != "failed" && status != "skipped"))
            throw Fatal(
                "--assertion is NUMBER:passed|failed|skipped:DESCRIPTION[:CONDITION], not '" + each + "'", 2
            );
        reporter->declare(
            each.substr(0, first),
            each.substr(second + 1, third == std::string::npos ? third : third - second - 1)
        );
        all.push_back(
            {each.substr(0, first), status, third == std::string::npos ? "none" : each.substr(third + 1)}
        );
    }
    const auto check = [](const auto& result) {
        if (!result) throw Fatal(result.error().detail);
    };
    check(reporter->start(seconds_now()));
    for (const Given& each : all)
        if (each.status != "skipped")
            check(reporter->evaluate(each.number, each.status == "passed", each.condition));
    const auto status = reporter->finish(seconds_now());
    check(status);
    return *status;
}

}  // namespace csim
