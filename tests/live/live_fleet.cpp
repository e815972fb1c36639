#include "tests/live/live_fleet.hpp"

#include "core/utc.hpp"
#include "manager/jobs/job_engine.hpp"
#include "manager/model/model.hpp"
#include "state/document_of.hpp"

#include <doctest/doctest.h>

#include <fstream>

namespace csim::test {
namespace {

constexpr Duration poll_hold = 30s;  ///< how long the manager holds a long poll

}  // namespace

void WatchedDriver::run(PowerCall call, Done done) {
    ++under_way;
    calls.push_back(std::string(fence_action(call.action)) + (call.outlet.empty() ? "" : " " + call.outlet));
    inner_.run(std::move(call), [this, done = std::move(done)](Result<PowerAnswer> answer) mutable {
        --under_way;
        done(std::move(answer));
    });
}

LiveFleet::LiveFleet(const Setup& setup, FenceBy by) : fence(inbox, FenceOptions{.by = by}) {
    trace.add_sink([this](const TraceEvent& event) {
        if (event.name() != "action_run") return;
        const std::string text = event.text();
        const std::size_t begin = text.find("action=") + 7;
        actions_[std::string(event.subject)].push_back(text.substr(begin, text.find(' ', begin) - begin));
    });
    start_manager();
    start_fleet(setup);
}

LiveFleet::~LiveFleet() {
    strips.reset();
    simulator.reset();
    rest_.reset();
}

void LiveFleet::start_manager() {
    ManagerServerOptions options;
    options.port = 0;
    manager = std::make_unique<ManagerServer>(
        timeline, inbox, manager_documents, Rng(7), nullptr, std::move(options)
    );
    manager->core().use_power_driver(power);
    HttpsClientOptions to_manager;
    to_manager.host = "127.0.0.1";
    to_manager.port = manager->port();
    client_ = std::make_unique<HttpsClient>(inbox, to_manager);
    rest_ = std::make_unique<RestClient>(*client_);
    // From now on the manager must prove that it is the one whose authority was published.
    to_manager.ca_file = fetch_authority();
    rest_.reset();
    client_ = std::make_unique<HttpsClient>(inbox, to_manager);
    rest_ = std::make_unique<RestClient>(*client_);
}

std::string LiveFleet::fetch_authority() {
    const std::string file = (folder / "ca.pem").string();
    std::ofstream(file) << rest("GET", "certificate").text;
    return file;
}

void LiveFleet::start_fleet(const Setup& setup) {
    HttpsNetworkOptions options;
    options.manager.host = "127.0.0.1";
    options.manager.port = manager->port();
    options.ca_file = (folder / "ca.pem").string();
    network = std::make_unique<HttpsNetwork>(inbox, timeline, options);
    watched = std::make_unique<WatchedNetwork>(*network, timeline);
    simulator = std::make_unique<ClusterSimulator>(
        ClusterSimulator::Peers{timeline, inbox, fleet_documents, trace, *watched, Rng(1)}, SimulatorOptions{}
    );
    const auto made = simulator->world().create(setup);
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().detail));
    strips = std::make_unique<PduListeners>(
        inbox, simulator->world().power(), simulator->world().context(),
        PduListenerOptions{.base_port = 0, .account = PduAccount{"apc", "apc"}}
    );
    fleet_documents.save_all();
}

bool LiveFleet::quiet() {
    if (asked_ > 0 || power.under_way > 0) return false;
    if (!watched) return true;
    Traffic& traffic = watched->traffic;
    const AgentService& agents = manager->core().agents();
    std::erase_if(traffic.abandoned, [&](const auto& poll) {
        return timeline.now() >= poll.second + poll_hold || !agents.knows(poll.first) ||
               traffic.polls.contains(poll.first);
    });
    return traffic.posts == 0 && simulator->registrations_pending() == 0 &&
           agents.stats().parked >= traffic.polls.size() + traffic.abandoned.size();
}

bool LiveFleet::run_until(const std::function<bool()>& condition, Duration limit) {
    const SimTime end = timeline.now() + limit;
    const SimTime patience = wall_now() + 90s;
    SimTime looked = wall_now();
    while (!condition()) {
        if (wall_now() > patience) return false;
        inbox.run_within(quiet() ? Duration(0) : Duration(2ms));
        const SimTime now = wall_now();
        if (quiet()) {
            const auto due = timeline.next_due();
            if (!due || *due > end) return timeline.run_until(end), condition();
            timeline.run_next();
        } else {
            timeline.run_until(timeline.now() + std::max(now - looked, Duration(0)));
        }
        looked = now;
        manager_documents.save_all();
        fleet_documents.save_all();
    }
    return true;
}

void LiveFleet::run_for(Duration span) {
    const SimTime end = timeline.now() + span;
    run_until([&] { return timeline.now() >= end; }, span);
}

RestReply LiveFleet::rest(const std::string& method, const std::string& path, const Json& body) {
    std::optional<Result<RestReply>> answer;
    auto done = [&](Result<RestReply> reply) { --asked_, answer = std::move(reply); };
    ++asked_;
    rest_->request(method, path, body.is_null() ? std::string() : body.dump(), done);
    REQUIRE_MESSAGE(run_until([&] { return answer.has_value(); }), method << " " << path);
    REQUIRE_MESSAGE(answer->has_value(), path << ": " << (*answer ? "" : answer->error().detail));
    return std::move(**answer);
}

void LiveFleet::log_in(const std::string& user, const std::string& password) {
    std::optional<Result<Nothing>> answer;
    ++asked_;
    rest_->login(user, password, [&](Result<Nothing> result) { --asked_, answer = std::move(result); });
    REQUIRE(run_until([&] { return answer.has_value(); }));
    REQUIRE(answer->has_value());
}

std::vector<std::int64_t> LiveFleet::register_all() {
    std::vector<std::int64_t> commands;
    for (const FakeServer* each : simulator->world().nodes()) {
        const char* profile = each->worker() ? "posix_copytool_worker" : "base_managed_rh7";
        const RestReply token = rest(
            "POST", "api/registration_token/",
            {{"profile", "/api/server_profile/" + std::string(profile) + "/"}, {"credits", 1}}
        );
        REQUIRE_MESSAGE(token.status == 201, token.text);
        const std::string secret = token.json()["secret"];
        std::optional<Result<Registered>> answer;
        simulator->register_node(
            each->fqdn(), [secret] { return secret; },
            [&](Result<Registered> registered) { answer = std::move(registered); }
        );
        REQUIRE(run_until([&] { return answer.has_value(); }));
        REQUIRE_MESSAGE(answer->has_value(), (*answer ? "" : answer->error().detail));
        commands.push_back((*answer)->command_id);
    }
    return commands;
}

Json LiveFleet::finish(std::int64_t command) {
    const Model& model = manager->core().model();
    REQUIRE(run_until([&] {
        const CommandRow* row = model.commands.find(command);
        return row == nullptr || row->complete;
    }));
    return rest("GET", "api/command/" + std::to_string(command) + "/").json();
}

void LiveFleet::succeed(const RestReply& reply) {
    REQUIRE_MESSAGE((reply.status == 201 || reply.status == 202), reply.status << " " << reply.text);
    const Json body = reply.json();
    const Json& started = body.contains("command") ? body["command"] : body;
    const Json command = finish(started["id"]);
    if (!command["errored"] && !command["cancelled"]) return;
    for (const Json& job : rest("GET", "api/job/?limit=0").json()["objects"]) {
        if (!job["errored"] && !job["cancelled"]) continue;
        MESSAGE(job["class_name"] << " " << job["description"]);
        for (const Json& step : job["steps"])
            MESSAGE(rest("GET", step.get<std::string>().substr(1)).json()["backtrace"]);
    }
    FAIL(command.dump());
}

std::vector<std::string> LiveFleet::job_classes(std::int64_t command) {
    std::vector<std::string> names;
    for (std::int64_t job : manager->core().model().commands.at(command).jobs)
        names.push_back(manager->core().model().jobs.at(job).class_name);
    return names;
}

void LiveFleet::tell_power_strips() {
    const std::size_t outlets = simulator->world().power().outlets().servers().size();
    const RestReply type = rest(
        "POST", "api/power_control_type/",
        {{"agent", "fence_apc"},
         {"make", "APC"},
         {"model", "7900"},
         {"max_outlets", outlets},
         {"default_username", "apc"},
         {"default_password", "apc"}}
    );
    REQUIRE_MESSAGE(type.status == 201, type.text);
    for (const PowerStrip* strip : simulator->world().power().strips()) {
        const RestReply device = rest(
            "POST", "api/power_control_device/",
            {{"device_type", type.json()["resource_uri"]}, {"address", "127.0.0.1"}, {"port", strip->port()}}
        );
        REQUIRE_MESSAGE(device.status == 201, device.text);
        const Json made = device.json()["outlets"];
        REQUIRE(made.size() == outlets);
        for (const Json& outlet : made) {
            const std::string number = outlet["identifier"];
            const std::string host = "/api/host/" + number + "/";
            const std::string uri = outlet["resource_uri"].get<std::string>().substr(1);
            CHECK(rest("PATCH", uri, {{"host", host}}).status == 202);
        }
    }
}

std::vector<std::string> LiveFleet::actions(const std::string& fqdn) {
    return std::exchange(actions_[fqdn], {});
}

}  // namespace csim::test
