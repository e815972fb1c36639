// What one impersonated agent costs by itself: heap while idle with open sessions, and processor time of a
// poll cycle, with plugins that say nothing of interest and a manager that is a function call away.
#include "agent_proto/agent.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstring>
#include <fstream>
#include <iostream>
#include <malloc.h>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace csim;
using WallClock = std::chrono::steady_clock;

constexpr std::size_t agent_count = 10'000;

/// Answers session requests and nothing else.
class SilentManager final : public AgentTransport {
  public:
    SilentManager(Timeline& timeline, Rng rng) : timeline_(timeline), rng_(rng) {}

    void get(const AgentGet&, UniqueFunction<void(Outcome<std::vector<Message>>)> done) override {
        polled_ = std::move(done);
    }

    void post(AgentPost post, UniqueFunction<void(Outcome<Nothing>)> done) override {
        posted_ = std::move(done);
        for (const Message& message : post.messages) {
            if (message.type != MessageType::session_create_request) continue;
            Message& response = responses_.emplace_back();
            response.type = MessageType::session_create_response;
            response.plugin = message.plugin;
            response.session_id = rng_.uuid();
        }
        const auto answer = [](void* manager, std::uint64_t) {
            static_cast<SilentManager*>(manager)->answer();
        };
        timeline_.at(timeline_.now() + 1ms, answer, this);
    }

    void copytool_events(const Json&, UniqueFunction<void(Outcome<Json>)>) override {}
    void abandon() override {}

  private:
    void answer() {
        std::exchange(posted_, {})(Nothing{});
        if (responses_.empty()) return;
        auto polled = std::exchange(polled_, {});
        polled(std::exchange(responses_, {}));
    }

    Timeline& timeline_;
    Rng rng_;
    UniqueFunction<void(Outcome<std::vector<Message>>)> polled_;
    UniqueFunction<void(Outcome<Nothing>)> posted_;
    std::vector<Message> responses_;
};

/// Four of seven plugins report at each poll, as an idle server does.
class TrivialReports final : public ReportPort {
  public:
    const std::vector<SharedText>& plugins() const override { return names_; }
    Result<Report> first_report(std::string_view plugin) override { return next_report(plugin, true); }
    Result<Report> next_report(std::string_view plugin, bool) override {
        Report report;
        if (plugin != "linux" && plugin != "systemd_journal") report.bodies.push_back(body_);
        return report;
    }
    Result<Report> snapshot(std::string_view plugin) override { return next_report(plugin, true); }
    void session_ended(std::string_view) override {}

  private:
    std::vector<SharedText> names_ = {"action_runner",  "corosync", "linux",
                                      "linux_network",  "lustre",   "simulator_controller",
                                      "systemd_journal"};
    Body body_{Json::object()};
};

class NoActions final : public ActionPort {
  public:
    void start(const ActionCall&, UniqueFunction<void(ActionOutcome)>) override {}
    void cancel(const std::string&) override {}
};

struct Fleet {
    Timeline timeline{SimTime::from_unix_ns(1'700'000'000'000'000'000)};
    TrivialReports reports;
    NoActions actions;
    std::vector<std::unique_ptr<SilentManager>> managers;
    std::vector<std::unique_ptr<Agent>> agents;

    std::uint64_t posts() const {
        std::uint64_t sum = 0;
        for (const auto& agent : agents) sum += agent->counters().posts;
        return sum;
    }
};

std::size_t heap_bytes() {
    return mallinfo2().uordblks;
}

std::size_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::size_t total = 0;
    std::size_t resident = 0;
    statm >> total >> resident;
    return resident * 4096;
}

void add_agents(Fleet& fleet, std::size_t count, bool reference) {
    const Rng rng(11);
    for (std::size_t added = 0; added < count; ++added) {
        const std::string fqdn = "test" + std::to_string(fleet.agents.size()) + ".localdomain";
        SilentManager& manager = *fleet.managers[fleet.agents.size()];
        fleet.agents.push_back(std::make_unique<Agent>(
            AgentSetup{fqdn, {reference}, 0, rng.stream(fqdn), nullptr},
            Agent::Peers{fleet.timeline, manager, fleet.reports, fleet.actions}
        ));
        fleet.agents.back()->start(fleet.timeline.now());
        fleet.timeline.run_until(fleet.timeline.now() + 10s / count);
    }
    fleet.timeline.run_until(fleet.timeline.now() + 15s);
}

Json figure(const char* name, double value, const char* unit, double target) {
    return {{"name", name}, {"value", value}, {"unit", unit}, {"target", target}, {"met", value <= target}};
}

Json measure() {
    Fleet fleet;
    fleet.agents.reserve(agent_count);
    const Rng rng(5);
    for (std::size_t agent = 0; agent < agent_count; ++agent) {
        fleet.managers.push_back(
            std::make_unique<SilentManager>(fleet.timeline, rng.stream(std::to_string(agent)))
        );
    }
    add_agents(fleet, agent_count / 2, false);
    const std::size_t heap_half = heap_bytes();
    const std::size_t resident_half = resident_bytes();
    add_agents(fleet, agent_count / 2, false);
    const auto per_agent = [](std::size_t whole, std::size_t half) {
        return (static_cast<double>(whole) - static_cast<double>(half)) / (agent_count / 2.0);
    };
    const double heap = per_agent(heap_bytes(), heap_half);
    const double resident = per_agent(resident_bytes(), resident_half);
    const std::uint64_t posts = fleet.posts();
    const std::uint64_t events = fleet.timeline.events_run();
    const auto began = WallClock::now();
    fleet.timeline.run_until(fleet.timeline.now() + 600s);
    const std::chrono::duration<double, std::micro> took = WallClock::now() - began;
    const double cycles = static_cast<double>(fleet.posts() - posts);
    Json figures = Json::array();
    figures.push_back(figure("heap_per_idle_agent", heap, "bytes", 2500));
    figures.push_back(figure("resident_per_idle_agent", resident, "bytes", 3000));
    figures.push_back(figure("poll_cycle", took.count() / cycles, "us", 20));
    figures.push_back(figure("posts_per_agent_and_10s", cycles / agent_count / 60, "posts", 1.01));
    const double per_cycle = static_cast<double>(fleet.timeline.events_run() - events) / cycles;
    figures.push_back(figure("events_per_poll_cycle", per_cycle, "events", 2.01));
    std::cout << "sizeof(Agent) " << sizeof(Agent) << "\n";
    return figures;
}

}  // namespace

int main(int argc, char** argv) {
    const Json figures = measure();
    for (const Json& row : figures) {
        std::cout << row["name"].get<std::string>() << " " << row["value"] << " "
                  << row["unit"].get<std::string>() << (row["met"] == true ? "" : "  (target missed)")
                  << "\n";
    }
    if (argc == 3 && std::strcmp(argv[1], "--json") == 0) {
        std::ofstream(argv[2]) << Json{{"figures", figures}}.dump(2) << "\n";
    }
}
