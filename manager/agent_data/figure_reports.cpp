// lustre: figures of hosts and targets.
// Source: the manager API, §4.4.
#include "manager/agent_data/agent_data.hpp"
#include "manager/agent_data/target_figures.hpp"

#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <array>

namespace csim {

namespace {

/// What file systems show changes all the time, and only has to be about right after a restart.
constexpr Duration saved_every = std::chrono::seconds(60);

template <class Row, class Visit>
void each_member(const Row& row, Visit&& visit) {
    using Members = boost::describe::describe_members<Row, boost::describe::mod_public>;
    boost::mp11::mp_for_each<Members>([&](auto member) {
        visit(member.name, static_cast<double>(row.*member.pointer));
    });
}

template <class Row>
constexpr std::size_t member_count =
    boost::mp11::mp_size<boost::describe::describe_members<Row, boost::describe::mod_public>>::value;

MetricNames node_names() {
    std::vector<std::string> made;
    each_member(CpuStats{}, [&](const char* name, double) { made.push_back("cpu_" + std::string(name)); });
    each_member(MemInfo{}, [&](const char* name, double) { made.push_back("mem_" + std::string(name)); });
    return std::make_shared<const std::vector<std::string>>(std::move(made));
}

bool same_saved(const TargetFiguresRow& row, const TargetMetrics& figures) {
    return row.kbytestotal == figures.kbytestotal && row.kbytesfree == figures.kbytesfree &&
           row.kbytesavail == figures.kbytesavail && row.filestotal == figures.filestotal &&
           row.filesfree == figures.filesfree && row.client_count == figures.client_count &&
           row.num_exports == figures.num_exports;
}

}  // namespace

void AgentData::note_node_figures(std::int64_t host, const NodeMetrics& node, SimTime at) {
    static const MetricNames names = node_names();
    std::array<double, member_count<CpuStats> + member_count<MemInfo>> values;
    std::size_t count = 0;
    auto add = [&](const char*, double value) { values[count++] = value; };
    each_member(node.cpustats, add);
    each_member(node.meminfo, add);
    model_.metrics.note({Kind::host, host}, at, names, values);
}

void AgentData::save_figures(std::int64_t target, const TargetMetrics& figures, SimTime at) {
    const TargetFiguresRow* saved = model_.target_figures.find(target);
    if (saved != nullptr && (at - saved->at < saved_every || same_saved(*saved, figures))) return;
    TargetFiguresRow row{
        target,
        at,
        figures.kbytestotal,
        figures.kbytesfree,
        figures.kbytesavail,
        figures.filestotal,
        figures.filesfree,
        figures.client_count,
        figures.num_exports};
    if (saved == nullptr) {
        model_.target_figures.insert(std::move(row));
    } else {
        model_.target_figures.edit(target, [&](TargetFiguresRow& edited) { edited = std::move(row); });
    }
}

void AgentData::apply_figures(std::int64_t host, const TargetMetricsByLabel& figures, SimTime at) {
    if (figures.empty()) return;
    for (std::int64_t id : model_.target_index.on_host(host)) {
        const TargetRow& target = model_.targets.at(id);
        if (target.kind == "MGT") continue;
        auto found = figures.find(target.name);
        if (found == figures.end() || !found->second) continue;
        TargetSample& newest = model_.target_samples[id];
        if (newest.metrics && at < newest.at) continue;
        newest = {found->second, at};
        save_figures(id, *found->second, at);
        model_.metrics.note({Kind::target, id}, target_sample(*found->second, at));
    }
}

}  // namespace csim
