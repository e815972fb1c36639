// `cluster-sim-benchmark queues`: how deep the manager's queues are, again and again.
// Source: the behaviour specification, §1.5. Differs: any queue can be shown, a missing one is a dash, times
// are UTC, and Ctrl-C ends it well.
#include "apps/cluster_sim_benchmark/options.hpp"
#include "benchmark/drive/status_page.hpp"
#include "benchmark/report/queue_lines.hpp"
#include "core/event_loop.hpp"
#include "core/json_codec.hpp"
#include "core/utc.hpp"
#include "net/rest_client.hpp"
#include "sim/manager_url.hpp"

#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <iostream>

namespace csim {
namespace {

/// One user's view of one manager's queues.
class Queues {
  public:
    Queues(const QueuesOptions& options, const RunOptions& run) : Queues(options, run, manager_at(run.url)) {}

    void print_header() const { std::cout << queue_header(now(), options_.queues, width()) << std::endl; }
    void print_line() {
        const auto reply = client_.get("api/system_status/");
        if (!reply) throw Fatal(reply.error().detail);
        if (!reply->ok())
            throw Fatal("the manager answered GET api/system_status/ with " + std::to_string(reply->status));
        const Json page = reply->json();
        if (!page.is_object())
            throw Fatal("the manager answered GET api/system_status/ with something else than a status");
        std::cout << queue_line(now(), options_.queues, queues_of(page), width()) << std::endl;
    }

  private:
    Queues(const QueuesOptions& options, const RunOptions& run, const ManagerUrl& manager)
        : options_(options),
          client_({.host = manager.host, .port = manager.port, .tls = manager.tls}, manager.base_path) {
        if (const auto in = client_.login(run.username, run.password); !in) throw Fatal(in.error().detail);
    }
    static ManagerUrl manager_at(const std::string& url) {
        const auto manager = parse_manager_url(url);
        if (!manager) throw Fatal(manager.error().detail, 2);
        return *manager;
    }
    static std::string now() {
        std::string text = utc_text(wall_now()).substr(0, std::string("2026-11-21T01:28:12.753437").size());
        text[text.find('T')] = ' ';
        return text;
    }
    std::size_t width() const { return static_cast<std::size_t>(options_.column_width); }

    const QueuesOptions& options_;
    BlockingRestClient client_;
};

}  // namespace

int queues_command(const QueuesOptions& options, const RunOptions& run) {
    Queues queues(options, run);
    queues.print_header();
    Timeline timeline(wall_now());
    EventLoop loop(timeline, Pace::realtime());
    boost::asio::signal_set signals(loop.io(), SIGINT, SIGTERM);
    bool ended = false;
    signals.async_wait([&](const boost::system::error_code& cancelled, int) {
        if (cancelled) return;
        ended = true;
        loop.stop();
    });
    for (int i = 0; !ended && (options.count == 0 || i < options.count); ++i) {
        if (i > 0) loop.run_until(timeline.now() + options.interval);
        if (!ended) queues.print_line();
    }
    return 0;
}

}  // namespace csim
