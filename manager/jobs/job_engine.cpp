// Requests: from a wish to jobs that wait for each other.
#include "manager/jobs/job_engine.hpp"

#include <algorithm>

namespace csim {

struct JobEngine::Hold {
    explicit Hold(JobEngine& engine) : engine(engine) { ++engine.held_; }
    ~Hold() {
        if (--engine.held_ == 0) engine.pump();
    }
    Hold(const Hold&) = delete;
    JobEngine& engine;
};

namespace {

std::string quoted_list(const std::vector<std::string>& items) {
    std::string text = "[";
    for (const std::string& item : items) text += (text.size() > 1 ? ", '" : "'") + item + "'";
    return text + "]";
}

}  // namespace

JobEngine::JobEngine(JobServices& services)
    : services_(services),
      model_(services.model),
      locks_(services.model.changes),
      newcomers_(services.model.timeline, [this] { pump(); }) {
    services_.engine = this;
}

JobEngine::~JobEngine() = default;

Result<Nothing> JobEngine::check_request(ObjectRef object, const std::string& state) const {
    const StatefulClass* of = stateful_class(object.kind);
    const Status* status = model_.status(object);
    if (of == nullptr || status == nullptr) return Error{Errc::not_found, "there is no such object"};
    const std::string name(of->name);
    if (std::find(of->states.begin(), of->states.end(), state) == of->states.end()) {
        return Error{
            Errc::bad_argument,
            state + " not legal state for " + name + ", legal states are " + quoted_list(of->states)};
    }
    if (state == status->state) return Nothing{};
    if (route(*of, status->state, state).empty()) {
        return Error{
            Errc::conflict, status->state + "->" + state + " not legal state transition for " + name};
    }
    const auto advertised = advertised_states(model_, object, status->state);
    if (std::find(advertised.begin(), advertised.end(), state) == advertised.end()) {
        return Error{
            Errc::conflict,
            "State '" + state + "' is invalid for " + name + ", must be one of " + quoted_list(advertised)};
    }
    return Nothing{};
}

Result<std::string> JobEngine::plan_message(ObjectRef object, const std::string& state) {
    const StatefulClass* of = stateful_class(object.kind);
    Planner planner(model_, &locks_);
    const std::string from = planner.expected_state(object);
    const auto hops = route(*of, from, state);
    if (hops.empty()) {
        if (from == state) return "Waiting for " + model_.display_text(object) + " to be " + state;
        return Error{
            Errc::conflict, from + "->" + state + " not legal state transition for " + std::string(of->name)};
    }
    return find_job_class(hops.back()->job)->describe(model_, object);
}

Result<std::optional<std::int64_t>> JobEngine::set_state(ObjectRef object, const std::string& state) {
    auto checked = check_request(object, state);
    if (!checked) return checked.error();
    Planner planner(model_, &locks_);
    if (model_.status(object)->state == state && planner.expected_state(object) == state) {
        return std::optional<std::int64_t>();
    }
    auto message = plan_message(object, state);
    if (!message) return message.error();
    // Planned before there is a command, so that a refused request leaves none behind.
    if (auto planned = planner.add(object, state); !planned) return planned.error();
    Hold hold(*this);
    const std::int64_t command = new_command(*message);
    (void)add_state_change(command, object, state);
    update_commands({command});
    return std::optional(command);
}

std::int64_t JobEngine::deploy(ObjectRef host, const std::string& state, const std::string& message) {
    Hold hold(*this);
    const std::int64_t command = new_command(message);
    (void)add_state_change(command, host, state);
    std::vector<std::int64_t> first = model_.commands.at(command).jobs;
    std::erase_if(first, [&](std::int64_t job) { return ready_.erase(job) == 0; });
    newcomers_.arrived(first);
    update_commands({command});
    return command;
}

Result<std::int64_t> JobEngine::bring(
    const std::string& message, const std::vector<std::pair<ObjectRef, std::string>>& wishes
) {
    // Planned before there is a command, so that a refused request leaves none behind.
    Planner planner(model_, &locks_);
    for (const auto& [object, state] : wishes) {
        if (auto planned = planner.add(object, state); !planned) return planned.error();
    }
    Hold hold(*this);
    const std::int64_t command = new_command(message);
    for (const Hop& hop : planner.finish().hops) add_hop(command, hop);
    for (const auto& [object, state] : wishes) {
        if (auto writer = locks_.latest_writer(object)) attach(command, *writer);
    }
    update_commands({command});
    return command;
}

Result<Plan> JobEngine::dry_run(ObjectRef object, const std::string& state) {
    auto checked = check_request(object, state);
    if (!checked) return checked.error();
    Planner planner(model_, nullptr);
    auto planned = planner.add(object, state);
    if (!planned) return planned.error();
    return planner.finish();
}

std::int64_t JobEngine::new_command(const std::string& message) {
    CommandRow command;
    command.id = model_.next_id("command");
    command.message = message;
    command.created_at = model_.now();
    services_.alerts.command_created(command);
    return model_.commands.insert(std::move(command)).id;
}

Result<Nothing> JobEngine::add_state_change(
    std::int64_t command, ObjectRef object, const std::string& state
) {
    Planner planner(model_, &locks_);
    if (planner.expected_state(object) == state) {
        auto writer = locks_.latest_writer(object);
        if (writer) attach(command, *writer);
        return Nothing{};
    }
    auto planned = planner.add(object, state);
    if (!planned) return planned.error();
    for (const Hop& hop : planner.finish().hops) add_hop(command, hop);
    return Nothing{};
}

std::vector<LockPart> JobEngine::hop_locks(const Hop& hop) const {
    std::vector<LockPart> locks{{hop.object, true, hop.to}};
    auto add_read = [&](ObjectRef object) {
        auto same = [&](const LockPart& lock) { return lock.item == object; };
        if (std::none_of(locks.begin(), locks.end(), same)) locks.push_back({object, false, {}});
    };
    if (hop.job->needs) {
        for (const Dependency& need : hop.job->needs(model_, hop.object)) add_read(need.object);
    }
    const StatefulClass* of = stateful_class(hop.object.kind);
    if (of->needs) {
        for (const std::string* state : {&hop.from, &hop.to}) {
            for (const Dependency& need : of->needs(model_, hop.object, *state)) add_read(need.object);
        }
    }
    return locks;
}

std::int64_t JobEngine::add_hop(std::int64_t command, const Hop& hop) {
    JobRow job;
    job.class_name = std::string(hop.job->name);
    job.description = hop.job->describe(model_, hop.object);
    job.subject = hop.object;
    job.old_state = hop.from;
    job.new_state = hop.to;
    job.locks = hop_locks(hop);
    if (hop.job->locks) {
        for (LockPart& lock : hop.job->locks(model_, hop.object)) job.locks.push_back(std::move(lock));
    }
    return create_job(command, std::move(job));
}

Result<Nothing> JobEngine::add_job(std::int64_t command, const JobRequest& request) {
    const JobClass* of = find_job_class(request.class_name);
    if (of->preempts) preempt(of->locks(model_, request.subject));
    JobRow job;
    job.class_name = std::string(of->name);
    job.description = of->describe(model_, request.subject);
    job.subject = request.subject;
    job.args = request.args;
    if (of->needs) {
        for (const Dependency& need : of->needs(model_, request.subject)) {
            job.locks.push_back({need.object, false, {}});
            const Status* status = model_.status(need.object);
            if (status == nullptr || acceptable(need, status->state)) continue;
            auto added = add_state_change(command, need.object, need.preferred);
            if (!added) return added;
        }
    }
    if (of->locks) {
        for (LockPart& lock : of->locks(model_, request.subject)) {
            std::erase_if(job.locks, [&](const LockPart& held) { return held.item == lock.item; });
            job.locks.push_back(std::move(lock));
        }
    }
    if (job.class_name == "ApplyConfParams") applying_.insert(job.subject.id);
    create_job(command, std::move(job));
    return Nothing{};
}

std::int64_t JobEngine::create_job(std::int64_t command, JobRow job) {
    job.id = model_.next_id("job");
    job.home_command = command;
    job.commands = {command};
    job.created_at = model_.now();
    job.modified_at = job.created_at;
    std::set<std::int64_t> waits;
    for (const LockPart& lock : job.locks) waits.merge(locks_.waits(lock));
    job.wait_for.assign(waits.begin(), waits.end());
    const JobRow& kept = model_.jobs.insert(std::move(job));
    locks_.add(kept);
    model_.commands.edit(command, [&](CommandRow& row) { row.jobs.push_back(kept.id); });
    if (waits.empty()) {
        ready_.insert(kept.id);
    } else {
        for (std::int64_t awaited : waits) awaited_[awaited].insert(kept.id);
        waiting_[kept.id] = std::move(waits);
    }
    return kept.id;
}

void JobEngine::attach(std::int64_t command, std::int64_t job) {
    const auto& commands = model_.jobs.at(job).commands;
    if (std::find(commands.begin(), commands.end(), command) != commands.end()) return;
    model_.jobs.edit(job, [&](JobRow& row) { row.commands.push_back(command); });
    model_.commands.edit(command, [&](CommandRow& row) { row.jobs.push_back(job); });
}

Result<std::int64_t> JobEngine::run_jobs(
    const std::string& message, const std::vector<JobRequest>& requests
) {
    return run_jobs_preserving(message, requests, {});
}

Result<std::int64_t> JobEngine::run_jobs_preserving(
    const std::string& message, const std::vector<JobRequest>& requests, const std::vector<ObjectRef>& restore
) {
    for (const JobRequest& request : requests) {
        const JobClass* of = find_job_class(request.class_name);
        if (of == nullptr)
            return Error{Errc::bad_argument, "Invalid class_name '" + request.class_name + "'"};
        if (model_.status(request.subject) == nullptr)
            return Error{Errc::not_found, "there is no such object"};
    }
    Hold hold(*this);
    std::vector<std::string> states;
    for (ObjectRef object : restore) states.push_back(model_.status(object)->state);
    const std::int64_t command = new_command(message);
    for (const JobRequest& request : requests) {
        if (auto added = add_job(command, request); !added) return added.error();
    }
    for (std::size_t i = 0; i < restore.size(); ++i) {
        if (auto added = add_state_change(command, restore[i], states[i]); !added) return added.error();
    }
    update_commands({command});
    return command;
}

std::vector<Offer> JobEngine::transitions(ObjectRef object) const {
    std::vector<Offer> offers;
    const Status* status = model_.status(object);
    if (status == nullptr || locks_.write_held(object)) return offers;
    const StatefulClass* of = stateful_class(object.kind);
    for (const std::string& state : advertised_states(model_, object, status->state)) {
        const JobClass* job = find_job_class(route(*of, status->state, state).back()->job);
        if (job->verb.empty() || (job->can_run && !job->can_run(model_, object))) continue;
        offers.push_back({job, state, object});
    }
    return offers;
}

std::vector<Offer> JobEngine::jobs(ObjectRef object) const {
    std::vector<Offer> offers;
    if (model_.status(object) == nullptr || locks_.write_held(object)) return offers;
    for (const JobClass* job : all_job_classes()) {
        if (!job->advertised || job->acts_on != object.kind) continue;
        if (job->can_run && !job->can_run(model_, object)) continue;
        offers.push_back({job, {}, object});
    }
    return offers;
}

}  // namespace csim
