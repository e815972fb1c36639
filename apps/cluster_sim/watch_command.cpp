// `cluster-sim watch`: a time line of what the manager makes of its hosts, until all are as wanted.
#include "apps/cluster_sim/options.hpp"
#include "core/event_loop.hpp"
#include "net/rest_client.hpp"
#include "sim/manager_url.hpp"

#include <boost/asio/signal_set.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <iomanip>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

namespace csim {
namespace {

constexpr Duration look_every = 250ms;

/// What a host's profile wants it to become.
std::string wanted_state(const Json& host) {
    const Json profile = host.value("server_profile", Json());
    return profile.is_object() ? profile.value("initial_state", "managed") : "managed";
}

class Watch {
  public:
    Watch(const ManagerUrl& manager, const ServeOptions& trust, const WatchOptions& options)
        : options_(options),
          timeline_(wall_now()),
          loop_(timeline_, Pace::realtime()),
          signals_(loop_.io(), SIGINT, SIGTERM),
          client_(
              loop_, {.host = manager.host,
                      .port = manager.port,
                      .tls = manager.tls,
                      .ca_file = trust.ca,
                      .source_addresses = {}}
          ),
          rest_(client_, manager.base_path),
          begun_(timeline_.now()) {}

    int run();

  private:
    void look();
    void hosts_told(Result<RestReply> reply);
    void commands_told(Result<RestReply> reply);
    void tell(const std::string& subject, const std::string& what);
    void end(int status) { status_ = status, loop_.stop(); }
    void fail(const std::string& sentence);
    bool as_wanted(const Json& host) const;

    WatchOptions options_;
    Timeline timeline_;
    EventLoop loop_;
    boost::asio::signal_set signals_;
    HttpsClient client_;
    RestClient rest_;
    SimTime begun_;
    std::map<std::string, std::string> states_;
    std::set<std::int64_t> commands_told_;
    bool hosts_as_wanted_ = false;
    bool looked_ = false;  ///< at the manager's commands, once
    int status_ = 0;
};

void Watch::tell(const std::string& subject, const std::string& what) {
    std::ostringstream line;
    line << std::fixed << std::setprecision(1) << std::setw(7)
         << std::chrono::duration<double>(timeline_.now() - begun_).count() << " s  " << std::left
         << std::setw(24) << subject << " " << what;
    std::cout << line.str() << std::endl;
}

void Watch::fail(const std::string& sentence) {
    std::cerr << "cluster-sim: " << sentence << "\n";
    end(1);
}

bool Watch::as_wanted(const Json& host) const {
    const std::string state = host.value("state", "");
    return state == (options_.until == "ready" ? wanted_state(host) : options_.until);
}

void Watch::look() {
    if (timeline_.now() - begun_ > Duration(static_cast<std::int64_t>(options_.timeout * 1e9))) {
        return fail(
            "gave up after " + std::to_string(static_cast<int>(options_.timeout)) + " s: not every host is " +
            options_.until
        );
    }
    rest_.get("api/host/?limit=0", [this](Result<RestReply> reply) { hosts_told(std::move(reply)); });
}

void Watch::hosts_told(Result<RestReply> reply) {
    if (!reply) return fail(reply.error().detail);
    const Json list = reply->json();
    if (!reply->ok() || !list.is_object() || !list.value("objects", Json()).is_array()) {
        return fail("the manager answered " + std::to_string(reply->status) + " when asked for its hosts");
    }
    hosts_as_wanted_ = !list["objects"].empty();
    for (const Json& host : list["objects"]) {
        const std::string fqdn = host.value("fqdn", "?");
        const std::string state = host.value("state", "?");
        if (states_[fqdn] != state) tell(fqdn, state);
        states_[fqdn] = state;
        hosts_as_wanted_ = hosts_as_wanted_ && as_wanted(host);
    }
    rest_.get("api/command/?limit=0", [this](Result<RestReply> answer) { commands_told(std::move(answer)); });
}

void Watch::commands_told(Result<RestReply> reply) {
    if (!reply) return fail(reply.error().detail);
    bool busy = false;
    const Json list = reply->json();
    if (!reply->ok() || !list.is_object() || !list.value("objects", Json()).is_array()) {
        return fail("the manager answered " + std::to_string(reply->status) + " when asked for its commands");
    }
    for (const Json& command : list["objects"]) {
        const bool complete = command.value("complete", false);
        busy = busy || !complete;
        if (!complete || !commands_told_.insert(command.value("id", std::int64_t{0})).second) continue;
        const bool bad = command.value("errored", false) || command.value("cancelled", false);
        tell(
            "command " + std::to_string(command.value("id", std::int64_t{0})),
            command.value("message", "") + (bad ? ": FAILED" : ": done")
        );
        // What had failed before this began may have been made good since.
        if (bad && looked_ && !options_.until.empty()) return fail("a command of the manager failed");
    }
    looked_ = true;
    if (hosts_as_wanted_ && !busy && !options_.until.empty()) return end(0);
    timeline_.after(look_every, [this] { look(); });
}

int Watch::run() {
    signals_.async_wait([this](const boost::system::error_code& error, int number) {
        // Interrupted before what was waited for: a script must not go on as if it had come.
        if (!error) end(options_.until.empty() ? 0 : 128 + number);
    });
    if (options_.username.empty()) {
        look();
    } else {
        rest_.login(options_.username, options_.password, [this](Result<Nothing> in) {
            in ? look() : fail(in.error().detail);
        });
    }
    loop_.run();
    return status_;
}

}  // namespace

int watch_command(const CommonOptions& common, const ServeOptions& trust, const WatchOptions& options) {
    const auto manager = parse_manager_url(common.url);
    if (!manager) throw Fatal(manager.error().detail, 2);
    return Watch(*manager, trust, options).run();
}

}  // namespace csim
