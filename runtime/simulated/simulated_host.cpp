#include "runtime/simulated/simulated_host.hpp"

#include <algorithm>
#include <cmath>

namespace csim {
namespace {

double need(const HostResource& resource, NodePhase phase, bool network) {
    if (resource.network_only && !network) return 0;
    return phase == NodePhase::create ? resource.per_created : resource.per_running;
}

double weight(const WedgeRule& rule, NodePhase phase) {
    if (phase == NodePhase::start) return rule.start_weight;
    if (phase == NodePhase::stop) return rule.stop_weight;
    return phase == NodePhase::destroy ? rule.destroy_weight : 0;
}

/// Two uniform draws make one normal one (Box and Muller).
double normal(Rng& rng) {
    const double u = std::max(rng.unit(), 1e-12), v = rng.unit();
    return std::sqrt(-2 * std::log(u)) * std::cos(6.283185307179586 * v);
}

}  // namespace

SimulatedHost::SimulatedHost(Timeline& timeline, HostModel model, std::uint64_t seed)
    : timeline_(timeline),
      model_(std::move(model)),
      times_(Rng(seed).stream("host/times")),
      chances_(Rng(seed).stream("host/wedges")),
      refusals_(model_.resources.size()) {
    for (const HostResource& each : model_.resources) used_.push_back(each.baseline);
}

SimulatedHost::~SimulatedHost() {
    for (auto& [work, job] : jobs_) timeline_.cancel(job.end);
}

SimulatedHost::Taken SimulatedHost::take(NodePhase phase, bool network) {
    Taken taken;
    for (std::size_t i = 0; i < model_.resources.size(); ++i) {
        const HostResource& each = model_.resources[i];
        const double wanted = need(each, phase, network);
        if (wanted <= 0 || used_[i] + wanted <= each.capacity * (1 + 1e-12)) continue;
        ++refusals_[i];
        if (each.at_limit == AtLimit::fails) return {each.name, "", ""};
        (each.at_limit == AtLimit::silent ? taken.silenced : taken.wedged_by) = each.name;
    }
    for (std::size_t i = 0; i < model_.resources.size(); ++i)
        if (model_.resources[i].name != taken.silenced) used_[i] += need(model_.resources[i], phase, network);
    return taken;
}

void SimulatedHost::give_back(NodePhase phase, bool network, const std::string& silenced) {
    for (std::size_t i = 0; i < model_.resources.size(); ++i)
        if (model_.resources[i].name != silenced) used_[i] -= need(model_.resources[i], phase, network);
}

std::vector<HostUse> SimulatedHost::use() const {
    std::vector<HostUse> all;
    for (std::size_t i = 0; i < model_.resources.size(); ++i)
        all.push_back({model_.resources[i].name, model_.resources[i].capacity, used_[i], refusals_[i]});
    return all;
}

SimulatedHost::Work SimulatedHost::submit(
    NodePhase phase, bool network, Duration extra, UniqueFunction<void()> done
) {
    const Work work = ++last_;
    jobs_.emplace(work, Job{phase, network, extra, std::move(done), {}});
    line_.push_back(work);
    next();
    return work;
}

void SimulatedHost::next() {
    while (!line_.empty() && running_ < static_cast<std::size_t>(model_.slots)) {
        const Work work = line_.front();
        line_.pop_front();
        if (jobs_.contains(work)) begin(work);
    }
}

void SimulatedHost::begin(Work work) {
    Job& job = jobs_.at(work);
    ++running_;
    if (wedges(job.phase)) {
        wedged_[work] = job.phase;
        if (chances_.unit() < model_.wedge.list_blocks) list_blocked_ = true;
        return;
    }
    const SimTime due = timeline_.now() + duration_of(job);
    job.end = timeline_.at(
        due, [](void* self, std::uint64_t argument) { static_cast<SimulatedHost*>(self)->end(argument); },
        this, work
    );
}

void SimulatedHost::end(Work work) {
    const auto found = jobs_.find(work);
    if (found == jobs_.end()) return;
    UniqueFunction<void()> done = std::move(found->second.done);
    jobs_.erase(found);
    --running_;
    if (done) done();
    next();
}

void SimulatedHost::abandon(Work work) {
    const auto found = jobs_.find(work);
    if (found == jobs_.end()) return;
    found->second.done = {};
    if (std::find(line_.begin(), line_.end(), work) != line_.end()) jobs_.erase(found);
}

void SimulatedHost::recover(Work work) {
    if (wedged_.erase(work) == 0) return;
    jobs_.erase(work);
    --running_;
    next();
}

void SimulatedHost::reboot() {
    for (const auto& [work, phase] : wedged_) {
        jobs_.erase(work);
        --running_;
    }
    wedged_.clear();
    list_blocked_ = false;
    next();
}

Duration SimulatedHost::mean(NodePhase phase) const {
    switch (phase) {
        case NodePhase::create:
            return model_.create;
        case NodePhase::start:
            return model_.boot;
        case NodePhase::exec:
            return model_.exec;
        case NodePhase::stop:
            return model_.stop;
        case NodePhase::destroy:
            return model_.destroy;
        default:
            return Duration::zero();
    }
}

// Competition is judged when the phase begins: the share that needs a processor stretches with the crowd.
Duration SimulatedHost::duration_of(const Job& job) {
    const double crowd = std::max(1.0, static_cast<double>(running_) / model_.cpus);
    double factor = 1 - model_.cpu_share + model_.cpu_share * crowd;
    if (model_.sigma > 0) factor *= std::exp(model_.sigma * normal(times_) - model_.sigma * model_.sigma / 2);
    Duration takes(std::llround(static_cast<double>(mean(job.phase).count()) * factor));
    const Duration hold = !job.network                    ? Duration::zero()
                          : job.phase == NodePhase::start ? model_.rtnl_hold
                          : job.phase == NodePhase::stop  ? model_.rtnl_delete
                                                          : Duration::zero();
    if (hold > Duration::zero()) {
        rtnl_free_ = std::max(rtnl_free_, timeline_.now()) + hold;
        takes = std::max(takes, rtnl_free_ - timeline_.now());
    }
    return takes + job.extra;
}

bool SimulatedHost::wedges(NodePhase phase) {
    const int nth = ++begun_[phase];
    for (const ScriptedWedge& each : model_.scripted)
        if (each.phase == phase && each.nth == nth) return true;
    const auto forced = wedged_phases_.find(phase);
    if (forced != wedged_phases_.end() && forced->second) return true;
    const WedgeRule& rule = model_.wedge;
    const double over = static_cast<double>(running_) - rule.c0;
    if (rule.p0 <= 0 || over <= 0 || weight(rule, phase) <= 0) return false;
    return chances_.unit() < rule.p0 * std::pow(over / rule.c0, rule.k) * weight(rule, phase);
}

}  // namespace csim
