#include "benchmark/scale/run_of_size.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace csim {
namespace {

constexpr double patience_s = 900;
constexpr int sessions_of_a_server = 7;

void tell(int servers, const std::string& what, double seconds) {
    std::cerr << "scale: " << servers << " servers: " << what << " after " << seconds << " s\n";
}

class SizeRun {
  public:
    SizeRun(int servers, const ScalePlan& plan) : plan_(plan), stage_(plan.keep, plan.hibernate) {
        result_.servers = servers;
    }

    SizeResult all() {
        stage_.start_manager();
        result_.setup_s = stage_.setup(result_.servers);
        tell(result_.servers, "set up", result_.setup_s);
        register_all();
        result_.stop_s = stage_.stop_simulator();
        run_again();
        live(plan_.warm_up_s);
        measure();
        result_.stop_s = std::max(result_.stop_s, stage_.stop_simulator());
        return result_;
    }

  private:
    bool all_sessions_open() {
        const int wanted = result_.servers * sessions_of_a_server;
        return stage_.control("simulator_info").value("sessions_open", 0) >= wanted;
    }
    bool all_set_up() {
        const Json open = stage_.rest("api/command/?complete=false&limit=1");
        return open.is_object() && open["meta"]["total_count"] == 0;
    }
    void register_all();
    void run_again();
    void live(double seconds);
    void measure();
    void soak();
    void note(const Sample& before, const Sample& after);

    ScalePlan plan_;
    ScaleStage stage_;
    SizeResult result_;
};

void SizeRun::register_all() {
    const auto start = BenchClock::now();
    const double manager_before = cost_of(stage_.manager_pid()).cpu_seconds;
    stage_.start_register();
    stage_.wait_for("registration", patience_s, [&] {
        return stage_.control("simulator_info").value("registered", 0) >= result_.servers;
    });
    result_.registered_s = seconds_since(start);
    tell(result_.servers, "registered", result_.registered_s);
    stage_.wait_for("opening all sessions", patience_s, [&] { return all_sessions_open(); });
    result_.register_to_sessions_s = seconds_since(start);
    tell(result_.servers, "all sessions open", result_.register_to_sessions_s);
    stage_.wait_for("setting up all hosts", patience_s, [&] { return all_set_up(); });
    result_.managed_s = seconds_since(start);
    tell(result_.servers, "all hosts set up", result_.managed_s);
    result_.register_cpu_s = cost_of(stage_.simulator_pid()).cpu_seconds;
    result_.register_manager_cpu_s = cost_of(stage_.manager_pid()).cpu_seconds - manager_before;
}

void SizeRun::run_again() {
    const auto start = BenchClock::now();
    const double manager_before = cost_of(stage_.manager_pid()).cpu_seconds;
    stage_.start_run();
    result_.open_s = seconds_since(start);
    stage_.wait_for("opening all sessions", patience_s, [&] { return all_sessions_open(); });
    result_.run_to_sessions_s = seconds_since(start);
    result_.run_cpu_s = cost_of(stage_.simulator_pid()).cpu_seconds;
    result_.run_manager_cpu_s = cost_of(stage_.manager_pid()).cpu_seconds - manager_before;
    tell(result_.servers, "running again with all sessions", result_.run_to_sessions_s);
}

void SizeRun::live(double seconds) {
    const auto start = BenchClock::now();
    stage_.wait_for("time", seconds + 60, [&] { return seconds_since(start) >= seconds; });
}

void SizeRun::measure() {
    RestLoad rest(stage_, plan_.rest_per_second);
    const Sample before = take_sample(stage_);
    if (plan_.soak_s > 0) {
        soak();
    } else {
        Disturbances disturbances(stage_, result_.servers);
        while (seconds_since(before.at) < plan_.measure_s / 2) disturbances.once();
        result_.disturbed = disturbances.so_far();
        live(plan_.measure_s - seconds_since(before.at));
    }
    stage_.wait_for("having all sessions again", patience_s, [&] { return all_sessions_open(); });
    const Sample after = take_sample(stage_);
    result_.rest = rest.take();
    note(before, after);
}

/// The slopes are those of the second half, when caches have grown to what they need.
void SizeRun::soak() {
    const auto start = BenchClock::now();
    Disturbances disturbances(stage_, result_.servers);
    std::vector<std::array<double, 2>> memory, manager_memory, files, manager_files;
    while (seconds_since(start) < plan_.soak_s) {
        disturbances.once();
        live(5);
        const Sample now = take_sample(stage_);
        const double hours = seconds_since(start) / 3600;
        if (hours * 3600 < plan_.soak_s / 3) continue;
        memory.push_back({hours, now.simulator.resident_bytes});
        manager_memory.push_back({hours, now.manager.resident_bytes});
        files.push_back({hours, now.simulator.descriptors});
        manager_files.push_back({hours, now.manager.descriptors});
    }
    result_.disturbed = disturbances.so_far();
    if (memory.empty()) return;
    result_.memory_slope_percent = 100 * slope(memory) / memory.front()[1];
    result_.manager_memory_slope_percent = 100 * slope(manager_memory) / manager_memory.front()[1];
    result_.descriptors_slope = slope(files);
    result_.manager_descriptors_slope = slope(manager_files);
}

void SizeRun::note(const Sample& before, const Sample& after) {
    const auto span = std::chrono::duration<double>(after.at - before.at).count();
    result_.minutes = span / 60;
    result_.cpu_s = after.simulator.cpu_seconds - before.simulator.cpu_seconds;
    result_.manager_cpu_s = after.manager.cpu_seconds - before.manager.cpu_seconds;
    result_.resident_bytes = after.simulator.resident_bytes;
    result_.manager_resident_bytes = after.manager.resident_bytes;
    result_.descriptors = after.simulator.descriptors;
    result_.manager_descriptors = after.manager.descriptors;
    result_.connections = after.info.value("connections", 0.0);
    result_.requests = growth_of(before.info, after.info, "requests");
    result_.failures = growth_of(before.info, after.info, "failures");
    result_.bytes = growth_of(before.info, after.info, "bytes_sent") +
                    growth_of(before.info, after.info, "bytes_received");
    result_.sessions_lost = sessions_lost(after.info) - sessions_lost(before.info);
    result_.lag = between(before.lag, after.lag);
    result_.lateness = between(before.lateness, after.lateness);
    result_.posts = between(before.posts, after.posts);
    tell(result_.servers, "measured", span);
}

}  // namespace

SizeResult run_of_size(int servers, const ScalePlan& plan) {
    return SizeRun(servers, plan).all();
}

}  // namespace csim
