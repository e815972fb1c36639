#include "runtime/lifecycle/evidence.hpp"

#include <fstream>

namespace csim {
namespace {

constexpr Duration probe_limit = 10s;
constexpr std::size_t told_max = 16;

/// Runs the loop until the answer is there.
template <class T, class Ask>
NodeResult<T> asked(EventLoop& loop, Ask&& ask) {
    std::optional<NodeResult<T>> got;
    ask([&](NodeResult<T> result) {
        got = std::move(result);
        loop.stop();
    });
    while (!got) loop.run();
    return *got;
}

std::string first_line(const std::string& path) {
    std::ifstream in(path);
    std::string line;
    std::getline(in, line);
    return line;
}

std::string about_host(EventLoop& loop, NodeRuntime& runtime, bool& answers) {
    const auto all =
        asked<std::vector<NodeInfo>>(loop, [&](auto done) { runtime.list(probe_limit, std::move(done)); });
    answers = all.has_value();
    if (!all) return "the host does not answer its list: " + all.error().detail;
    std::map<std::string, int> states;
    for (const NodeInfo& each : *all) ++states[std::string(text_of(each.state))];
    std::string text = "the host answers its list:";
    for (const auto& [state, count] : states) text += " " + std::to_string(count) + " " + state;
    return states.empty() ? text + " nothing" : text;
}

std::string about(EventLoop& loop, NodeRuntime& runtime, const InstanceRecord& record, bool answers) {
    std::string text = record.name + " wedged in " + std::string(text_of(record.phases.back().phase)) +
                       " with " + std::to_string(record.in_flight) + " in flight";
    if (!answers) return text;
    const auto stats =
        asked<NodeStats>(loop, [&](auto done) { runtime.stats(record.name, probe_limit, std::move(done)); });
    if (!stats) return text + "; its state is not told: " + stats.error().detail;
    text += "; it is " + std::string(text_of(stats->state));
    if (stats->pid == 0) return text + " without a process";
    text += ", pid " + std::to_string(stats->pid);
    const bool real = runtime.backend() != "simulated";
    if (const std::string where = real ? where_it_waits(stats->pid) : ""; !where.empty()) text += " " + where;
    return text;
}

}  // namespace

std::string where_it_waits(std::int64_t pid) {
    const std::string folder = "/proc/" + std::to_string(pid) + "/";
    const std::string stat = first_line(folder + "stat");
    const auto end = stat.rfind(')');
    if (end == std::string::npos || end + 2 >= stat.size()) return "";
    const std::string channel = first_line(folder + "wchan");
    return std::string("in state ") + stat[end + 2] +
           (channel.empty() || channel == "0" ? "" : " in " + channel);
}

std::vector<std::string> wedge_evidence(
    EventLoop& loop, NodeRuntime& runtime, const LifecycleReport& report
) {
    std::vector<std::string> told;
    bool answers = false;
    for (const InstanceRecord& each : report.instances) {
        if (each.end != InstanceEnd::wedged || told.size() > told_max) continue;
        if (told.empty()) told.push_back(about_host(loop, runtime, answers));
        told.push_back(about(loop, runtime, each, answers));
    }
    return told;
}

}  // namespace csim
