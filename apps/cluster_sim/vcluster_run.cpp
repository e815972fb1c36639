// `cluster-sim vcluster run` and `build`: clusters that last as long as one piece of work.
#include "apps/cluster_sim/undoable.hpp"
#include "apps/cluster_sim/vcluster_common.hpp"
#include "core/duration_text.hpp"
#include "core/event_loop.hpp"
#include "vcluster/scenario/cluster_scenario.hpp"
#include "vcluster/tada/reporter.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <iostream>
#include <optional>
#include <pwd.h>
#include <unistd.h>

namespace csim {
namespace {

std::int64_t seconds_now() {
    return wall_now().unix_ns() / 1'000'000'000;
}

/// Sends what happens to a test report daemon, if there is to be one.
class Reporting {
  public:
    Reporting(const std::string& to, const ClusterScenario& scenario) {
        if (to.empty()) return;
        const auto address = parse_tada_address(to);
        if (!address) throw Fatal("--tada: " + address.error().detail, 2);
        TadaRun run;
        run.suite = scenario.suite, run.type = scenario.type, run.name = scenario.name, run.commit = "-";
        const passwd* const entry = ::getpwuid(::geteuid());
        run.user = entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
        auto opened = TadaReporter::open(*address, run);
        if (!opened) throw Fatal("--tada: " + opened.error().detail);
        reporter_.emplace(std::move(*opened));
        for (const auto& [number, description] : assertions_of(scenario))
            reporter_->declare(number, description);
        check(reporter_->start(seconds_now()));
    }
    void tell(const StepOutcome& outcome) {
        if (reporter_ && outcome.is_assertion)
            check(reporter_->evaluate(outcome.number, outcome.passed, outcome.detail));
    }
    void finish() {
        if (reporter_) check(reporter_->finish(seconds_now()));
    }

  private:
    template <class T>
    static void check(const Result<T>& result) {
        if (!result) throw Fatal("--tada: " + result.error().detail);
    }
    std::optional<TadaReporter> reporter_;
};

std::string line_of_outcome(const StepOutcome& each) {
    std::string line =
        (each.is_assertion ? each.passed ? "passed" : "failed"
         : each.passed     ? "ok"
                           : "FAILED");
    line.resize(8, ' ');
    line += each.verb;
    if (each.is_assertion) line += "  " + each.number + " " + each.description;
    for (const char c : each.detail.empty() ? "" : ": " + each.detail)
        line += c == '\n' ? std::string("\n          ") : std::string(1, c);
    return line;
}

Json outcome_json(const StepOutcome& each) {
    Json json{{"step", each.step}, {"verb", each.verb}, {"passed", each.passed}, {"detail", each.detail}};
    if (each.is_assertion) json["no"] = each.number, json["desc"] = each.description;
    return json;
}

void remove_or_complain(const std::string& name) {
    for (const std::string& each : remove_cluster(ClusterStore(), name).complaints)
        std::cerr << "cluster-sim: " << each << "\n";
}

/// Makes the cluster, works with it, removes it. Kept after a failure when that is asked for.
int with_cluster(
    const std::string& spec, const VclusterOptions& o, const std::function<int(Cluster& cluster)>& work
) {
    const std::string name = checked_spec(spec, {o.backend})->name;
    const ClusterStore store;
    if (store.load(name))
        throw Fatal(
            "there is a cluster '" + name + "' already; 'cluster-sim vcluster remove " + name +
                "' removes it",
            cluster_status::exists
        );
    const auto all = [&] {
        const auto keep = [&](const std::string& why) {
            if (!o.keep_failed) return remove_or_complain(name);
            std::cerr << "cluster-sim: " << why << "; the cluster is kept: cluster-sim vcluster shell "
                      << name << ", cluster-sim vcluster remove " << name << "\n";
        };
        int status = 1;
        auto cluster = std::make_unique<Cluster>(Cluster::create(store, spec, cluster_options(o)));
        try {
            status = work(*cluster);
        } catch (...) {
            cluster.reset();
            keep("it failed");
            throw;
        }
        cluster.reset();
        if (status == 0)
            remove_or_complain(name);
        else
            keep("it failed");
        return status;
    };
    return run_undoable(all, [&] { remove_or_complain(name); });
}

}  // namespace

int vcluster_run(const VclusterOptions& o) {
    const std::filesystem::path path(o.spec == "-" ? "scenario" : o.spec);
    ClusterScenario scenario =
        parse_cluster_scenario(spec_text(o.spec, "scenario"), path.parent_path().string());
    if (scenario.name.empty()) scenario.name = path.stem().string();
    return with_cluster(scenario.spec, o, [&](Cluster& cluster) {
        Reporting reporting(o.tada, scenario);
        Json steps = Json::array();
        const bool passed = run_cluster_scenario(cluster, scenario, [&](const StepOutcome& outcome) {
            if (!o.json) std::cout << line_of_outcome(outcome) << "\n" << std::flush;
            steps.push_back(outcome_json(outcome));
            reporting.tell(outcome);
        });
        reporting.finish();
        Json report{{"name", scenario.name}, {"backend", cluster.record().backend}};
        report["passed"] = passed, report["steps"] = steps;
        if (o.json) std::cout << report.dump(2) << "\n";
        return passed ? 0 : 1;
    });
}

int vcluster_build(const VclusterOptions& o) {
    Json mounts = Json::array();
    for (const std::string& each : o.mounts) {
        const bool with_mode = each.ends_with(":ro") || each.ends_with(":rw");
        mounts.push_back(with_mode ? each : each + ":rw");
    }
    if (!o.out.empty()) {
        std::filesystem::create_directories(o.out);
        mounts.push_back(std::filesystem::absolute(o.out).lexically_normal().string() + ":/opt/ovis:rw");
    }
    const Json spec{
        {"name", "build-" + std::to_string(::getpid())},
        {"backend", o.backend.empty() ? "namespaces" : o.backend},
        {"image", o.image},
        {"mounts", mounts},
        {"nodes", Json::array({{{"hostname", "build"}}})}};
    return with_cluster(spec.dump(), o, [&](Cluster& cluster) {
        RunRequest request;
        request.command = o.command;
        if (o.command.size() == 1) request.shell = o.command[0], request.command.clear();
        request.folder = o.folder;
        request.merged = true;
        const ExecResult ran = cluster.run(cluster.service_node(), request);
        std::cout << ran.out << std::flush;
        return ran.status;
    });
}

}  // namespace csim
