#include "fakes/hsm_coordinator.hpp"

#include "fakes/events.hpp"
#include "state/document_of.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace csim {
namespace {

constexpr auto controls = std::to_array<std::string_view>({"enabled", "disabled", "shutdown", "purge"});

EntryName document_of(const std::string& filesystem) {
    return {"fake_hsm_coordinator-" + filesystem + ".json", ""};
}

std::string word(HsmOutcome outcome) {
    return boost::describe::enum_to_string(outcome, "?");
}

}  // namespace

HsmCoordinator::HsmCoordinator(const FakesContext& context, std::string filesystem, const HsmOptions& options)
    : context_(context),
      options_(options),
      state_(std::make_unique<Document<HsmCoordinatorState>>(
          context.documents, document_of(filesystem), HsmCoordinatorState{.filesystem = filesystem}
      )) {}

HsmCoordinator::HsmCoordinator(
    const FakesContext& context, HsmCoordinatorState loaded, const HsmOptions& options
)
    : context_(context), options_(options) {
    const EntryName name = document_of(loaded.filesystem);
    state_ = std::make_unique<Document<HsmCoordinatorState>>(
        Document<HsmCoordinatorState>::Loaded{}, context.documents, name, std::move(loaded)
    );
}

HsmCoordinator::~HsmCoordinator() {
    context_.timeline.cancel(timer_);
}

bool HsmCoordinator::is_control(const std::string& value) {
    return std::ranges::find(controls, value) != controls.end();
}

Result<Nothing> HsmCoordinator::control(const std::string& value) {
    if (!is_control(value)) {
        return Error{
            Errc::bad_argument,
            "the HSM coordinator takes enabled, disabled, shutdown or purge, not '" + value + "'"};
    }
    if (value == "purge") return cancel_everything(), Nothing{};
    if (value != "shutdown") set_enabled(value == "enabled");
    if (value == "enabled") {
        begin();
    } else {
        halt();
    }
    return Nothing{};
}

void HsmCoordinator::set_enabled(bool enabled) {
    if ((*state_)->enabled == enabled) return;
    state_->edit([&](HsmCoordinatorState& state) { state.enabled = enabled; });
}

void HsmCoordinator::resume() {
    if (enabled()) begin();
}

void HsmCoordinator::begin() {
    if (running_) return;
    running_ = true;
    // Named by the instant, so that no fid of an earlier life comes back.
    const std::string stream =
        "hsm/" + filesystem() + "/" + std::to_string(context_.timeline.now().unix_ns());
    chance_ = context_.run.stream(stream);
    for (const HsmRequest& request : std::exchange(unassigned_, {})) drop(request);
    for (const Completed& done : std::exchange(completed_, {})) fids_.erase(done.fid);
    timer_ = context_.timeline.after(Duration(0), [this] { poll(); });
}

void HsmCoordinator::halt() {
    running_ = false;
    context_.timeline.cancel(timer_);
}

void HsmCoordinator::poll() {
    std::vector<HsmAgent*> wakened;
    for (auto& [id, agent] : agents_) {
        assign(agent);
        if (!agent.assigned.empty()) wakened.push_back(agent.agent);
    }
    if (chance_->chance({1, 2}) && unassigned_.size() < options_.unassigned_max) {
        unassigned_.push_back(make_request());
    }
    cull();
    timer_ = context_.timeline.after(options_.poll, [this] { poll(); });
    for (HsmAgent* agent : wakened) agent->requests_assigned();
}

void HsmCoordinator::assign(Agent& agent) {
    while (agent.assigned.size() + agent.active.size() < options_.requests_per_agent) {
        if (unassigned_.empty()) {
            agent.assigned.push_back(make_request());
        } else {
            agent.assigned.push_back(std::move(unassigned_.front()));
            unassigned_.pop_front();
        }
    }
}

HsmRequest HsmCoordinator::make_request() {
    HsmRequest request = draw_hsm_request(*chance_, options_.chances);
    const bool moves = request.data_fid != request.fid;
    while (!fids_.insert(request.fid).second) request.fid = draw_hsm_fid(*chance_);
    if (!moves) request.data_fid = request.fid;
    while (moves && fids_.contains(request.data_fid)) request.data_fid = draw_hsm_fid(*chance_);
    ++generated_;
    return request;
}

void HsmCoordinator::cull() {
    const SimTime now = context_.timeline.now();
    while (!completed_.empty() && now - completed_.front().at > options_.keep_completed) {
        fids_.erase(completed_.front().fid);
        completed_.pop_front();
    }
}

void HsmCoordinator::register_agent(const std::string& id, HsmAgent& agent) {
    deregister_agent(id);
    agents_[id].agent = &agent;
}

void HsmCoordinator::deregister_agent(const std::string& id) {
    auto leaving = agents_.extract(id);
    if (leaving.empty()) return;
    Agent& agent = leaving.mapped();
    for (auto from = agent.assigned.rbegin(); from != agent.assigned.rend(); ++from) {
        unassigned_.push_front(std::move(*from));
    }
    for (auto from = agent.active.rbegin(); from != agent.active.rend(); ++from) {
        unassigned_.push_front(std::move(*from));
    }
}

std::vector<HsmRequest> HsmCoordinator::fetch(const std::string& id) {
    const auto found = agents_.find(id);
    if (found == agents_.end()) return {};
    Agent& agent = found->second;
    std::vector<HsmRequest> fetched(agent.assigned.begin(), agent.assigned.end());
    agent.active.insert(agent.active.end(), fetched.begin(), fetched.end());
    agent.assigned.clear();
    return fetched;
}

void HsmCoordinator::finished(const std::string& id, const std::string& fid, HsmOutcome outcome) {
    const auto agent = agents_.find(id);
    if (agent == agents_.end()) return;
    auto& requests = agent->second.active;
    const auto found = std::ranges::find(requests, fid, &HsmRequest::fid);
    assert(found != requests.end());
    complete(*found, outcome);
    requests.erase(found);
}

void HsmCoordinator::complete(const HsmRequest& request, HsmOutcome outcome) {
    ++ended_;
    completed_.push_back({context_.timeline.now(), request.fid, outcome});
    context_.trace.emit(filesystem(), HsmRequestEnded{request.fid, word(outcome)});
}

void HsmCoordinator::drop(const HsmRequest& request) {
    ++ended_;
    fids_.erase(request.fid);
}

void HsmCoordinator::cancel_everything() {
    for (const HsmRequest& request : std::exchange(unassigned_, {})) drop(request);
    for (auto& [id, agent] : agents_) {
        for (const HsmRequest& request : std::exchange(agent.assigned, {})) drop(request);
        for (const HsmRequest& request : std::exchange(agent.active, {})) {
            complete(request, HsmOutcome::cancelled);
            agent.agent->request_cancelled(request.fid);
        }
    }
}

std::size_t HsmCoordinator::waiting() const {
    std::size_t count = unassigned_.size();
    for (const auto& [id, agent] : agents_) count += agent.assigned.size();
    return count;
}

std::size_t HsmCoordinator::active() const {
    std::size_t count = 0;
    for (const auto& [id, agent] : agents_) count += agent.active.size();
    return count;
}

std::optional<HsmMetrics> HsmCoordinator::metrics() const {
    if (!running_) return std::nullopt;
    HsmMetrics metrics;
    for (const auto& [id, agent] : agents_) {
        ++metrics.agents.total;
        ++(agent.active.empty() ? metrics.agents.idle : metrics.agents.busy);
    }
    metrics.actions.waiting = static_cast<std::int64_t>(waiting());
    metrics.actions.running = static_cast<std::int64_t>(active());
    const SimTime now = context_.timeline.now();
    for (const Completed& done : completed_) {
        if (now - done.at > options_.keep_completed) continue;
        ++(done.outcome == HsmOutcome::succeeded ? metrics.actions.succeeded : metrics.actions.errored);
    }
    return metrics;
}

std::vector<Violation> HsmCoordinator::violations() const {
    std::vector<Violation> found;
    const auto wrong = [&](const std::string& what) {
        found.push_back({"I-21", filesystem() + ": " + what});
    };
    std::set<std::string> seen;
    const auto see = [&](const std::string& fid) {
        if (!seen.insert(fid).second) wrong("the request " + fid + " is in two places");
        if (!fids_.contains(fid)) wrong("the request " + fid + " is not known");
    };
    for (const HsmRequest& request : unassigned_) see(request.fid);
    for (const auto& [id, agent] : agents_) {
        for (const HsmRequest& request : agent.assigned) see(request.fid);
        for (const HsmRequest& request : agent.active) see(request.fid);
        if (agent.assigned.size() + agent.active.size() > options_.requests_per_agent) {
            wrong("copytool " + id + " has too many requests");
        }
    }
    for (const Completed& done : completed_) see(done.fid);
    if (seen.size() != fids_.size()) wrong("a request is lost");
    if (waiting() + active() != generated_ - ended_) wrong("requests waiting and running do not add up");
    return found;
}

}  // namespace csim
