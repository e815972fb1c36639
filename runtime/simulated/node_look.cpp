// What a simulated node looks like at this moment. Its pings are reckoned, not simulated one by one.
#include "runtime/ping_log.hpp"
#include "runtime/simulated/simulated_runtime.hpp"

#include <algorithm>

namespace csim {
namespace {

constexpr Duration loopback_reply = 45us;
constexpr Duration bridge_reply = 90us;
/// An untouched clone: its folders.
constexpr std::uint64_t empty_delta_bytes = 28u << 10;
/// The base of the published run, as its total disk usage implies.
constexpr std::uint64_t base_bytes = 116'025'754;

Duration reply_time(const PingJob& job) {
    return job.target == "localhost" ? loopback_reply : bridge_reply;
}

/// Whoever lacks inotify instances never begins its job; whoever lacks a neighbour hears nobody answer.
bool never_begins(const std::string& silenced_by) {
    return silenced_by == "inotify";
}

}  // namespace

std::optional<JobReport> SimulatedRuntime::job_of(const Node& node) const {
    const PingJob& job = node.spec->job;
    if (job.count == 0 || node.ready == SimTime{} || never_begins(node.silenced_by)) return std::nullopt;
    const SimTime until = node.ended == SimTime{} ? timeline_.now() : node.ended;
    const auto sent = static_cast<std::uint64_t>(
        std::clamp<std::int64_t>((until - node.ready) / job.interval + 1, 1, job.count)
    );
    const bool over = until - node.ready >= (job.count - 1) * job.interval;
    const bool heard = !node.silenced || job.target == "localhost";
    JobReport report;
    report.replies = heard ? sent : 0;
    report.lines = over ? report.replies + lines_around_replies : report.replies + 2;
    if (heard) report.reply_min = report.reply_mean = report.reply_max = reply_time(job);
    return report;
}

std::string SimulatedRuntime::log_text(const Node& node) const {
    const auto report = job_of(node);
    const PingJob& job = node.spec->job;
    const bool over = report->lines == report->replies + lines_around_replies;
    return ping_log_text(job, node.ready, report->replies, reply_time(job), over);
}

NodeResult<NodeStats> SimulatedRuntime::look(const std::string& name) const {
    const auto found = nodes_.find(name);
    if (found == nodes_.end())
        return NodeError{NodeError::Kind::not_found, NodePhase::stats, "name", "there is no node " + name};
    const Node& node = found->second;
    NodeStats stats;
    stats.state = node.state;
    stats.pid = node.pid;
    const bool up = node.state == NodeState::running;
    for (const HostResource& each : host_.model().resources) {
        if (each.name == "memory" && up) stats.memory_bytes = static_cast<std::uint64_t>(each.per_running);
        if (each.name == "pids" && up) stats.processes = static_cast<std::uint64_t>(each.per_running);
    }
    stats.disk_bytes = empty_delta_bytes + (node.files ? node.files->delta_bytes() : 0);
    stats.boot = node.boot;
    stats.job = job_of(node);
    return stats;
}

std::uint64_t SimulatedRuntime::disk_bytes() const {
    return base_bytes + delta_nodes_ * empty_delta_bytes;
}

Ticket SimulatedRuntime::list(Duration limit, Answer<std::vector<NodeInfo>> answer) {
    const Ticket ticket =
        pending_.begin<std::vector<NodeInfo>>(NodePhase::list, "", limit, std::move(answer));
    if (host_.list_is_blocked()) return ticket;
    timeline_.after(Duration::zero(), [this, ticket] {
        std::vector<NodeInfo> all;
        all.reserve(nodes_.size());
        for (const auto& [name, node] : nodes_) {
            NodeInfo info{name, node.state, node.pid};
            if (!node.address.empty()) info.addresses.push_back(node.address);
            all.push_back(std::move(info));
        }
        pending_.finish<std::vector<NodeInfo>>(ticket, std::move(all));
    });
    return ticket;
}

Ticket SimulatedRuntime::add_network(std::string name, Duration limit, Answer<Done> answer) {
    networks_.insert(name);
    const Ticket ticket = pending_.begin<Done>(NodePhase::network, name, limit, std::move(answer));
    timeline_.after(Duration::zero(), [this, ticket] { pending_.finish<Done>(ticket, Done{}); });
    return ticket;
}

Ticket SimulatedRuntime::remove_network(std::string name, Duration limit, Answer<Done> answer) {
    networks_.erase(name);
    const Ticket ticket = pending_.begin<Done>(NodePhase::network, name, limit, std::move(answer));
    timeline_.after(Duration::zero(), [this, ticket] { pending_.finish<Done>(ticket, Done{}); });
    return ticket;
}

void SimulatedRuntime::respecify(const std::string& name, const NodeSpec& spec) {
    const auto found = nodes_.find(name);
    if (found == nodes_.end()) return;
    found->second.spec = shared(spec);
    found->second.address = spec.address;
}

}  // namespace csim
