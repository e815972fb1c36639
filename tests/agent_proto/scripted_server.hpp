// What an agent impersonates in tests: plugins that report what a test says, and actions that end when it
// says so.
#pragma once

#include "agent_proto/ports.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace csim {

class ScriptedReports final : public ReportPort {
  public:
    explicit ScriptedReports(std::vector<std::string> names = {"action_runner", "linux", "lustre"})
        : names_(names.begin(), names.end()) {}

    const std::vector<SharedText>& plugins() const override { return names_; }
    Result<Report> first_report(std::string_view plugin) override { return report(plugin, "first"); }
    Result<Report> next_report(std::string_view plugin, bool full) override {
        return report(plugin, full ? "full" : "next");
    }
    Result<Report> snapshot(std::string_view plugin) override { return report(plugin, "snapshot"); }
    void session_ended(std::string_view plugin) override { ++ended[std::string(plugin)]; }

    /// Bodies that the coming reports of a plugin carry; by default `{"report": "first"}` and so on.
    std::map<std::string, Report> says;
    std::map<std::string, bool> fails;
    std::map<std::string, int> ended;
    std::vector<std::string> asked;  ///< "linux first", "linux next", …

  private:
    Result<Report> report(std::string_view plugin, const char* kind) {
        const std::string name(plugin);
        asked.push_back(name + " " + kind);
        if (fails[name]) return Error{Errc::io, "as scripted"};
        const auto found = says.find(name);
        if (found != says.end()) return found->second;
        Report report;
        report.bodies.push_back(Body(Json{{"report", kind}}));
        return report;
    }

    std::vector<SharedText> names_;
};

class ScriptedActions final : public ActionPort {
  public:
    struct Running {
        std::string name;
        Json args;
        UniqueFunction<void(ActionOutcome)> done;
    };

    void start(const ActionCall& call, UniqueFunction<void(ActionOutcome)> done) override {
        started.push_back(call.id);
        running[call.id] = Running{call.name, *call.args, std::move(done)};
    }
    void cancel(const std::string& id) override {
        cancelled.push_back(id);
        running.erase(id);
    }
    /// Ends a running action.
    void finish(const std::string& id, ActionOutcome outcome) {
        auto done = std::move(running.at(id).done);
        running.erase(id);
        done(std::move(outcome));
    }

    std::map<std::string, Running> running;
    std::vector<std::string> started;
    std::vector<std::string> cancelled;
};

}  // namespace csim
