// Running: which job starts when, what its steps leave behind, and how it ends.
#include "manager/jobs/conf_params.hpp"
#include "manager/jobs/job_engine.hpp"
#include "manager/jobs/target_hooks.hpp"
#include "manager/manager_events.hpp"

#include <algorithm>

namespace csim {

void JobEngine::pump() {
    if (pumping_ || held_ > 0) return;
    pumping_ = true;
    for (;;) {
        std::optional<std::int64_t> job;
        if (ready_.empty()) {
            job = newcomers_.next();
        } else {
            job = *ready_.begin();
            ready_.erase(ready_.begin());
        }
        if (!job) break;
        start(*job);
    }
    pumping_ = false;
}

bool JobEngine::ready_to_run(const JobRow& job) const {
    const JobClass* of = find_job_class(job.class_name);
    auto kept = [&](const Dependency& need) {
        const Status* status = model_.status(need.object);
        return status == nullptr || acceptable(need, status->state);
    };
    auto all_kept = [&](const std::vector<Dependency>& needs) {
        bool alternatives = false, one_kept = false;
        for (const Dependency& need : needs) {
            const bool is_kept = kept(need);
            if (!need.alternative && !is_kept) return false;
            alternatives = alternatives || need.alternative;
            one_kept = one_kept || (need.alternative && is_kept);
        }
        return !alternatives || one_kept;
    };
    const Status* status = model_.status(job.subject);
    if (status == nullptr) return false;
    if (of->needs && !all_kept(of->needs(model_, job.subject))) return false;
    if (job.new_state.empty()) return true;
    if (status->state != job.old_state) return false;
    const StatefulClass* cls = stateful_class(job.subject.kind);
    if (cls->needs && !all_kept(cls->needs(model_, job.subject, job.new_state))) return false;
    if (cls->dependents == nullptr) return true;
    for (ObjectRef dependent : cls->dependents(model_, job.subject)) {
        const StatefulClass* theirs = stateful_class(dependent.kind);
        const Status* their_status = model_.status(dependent);
        if (their_status == nullptr || theirs == nullptr || theirs->needs == nullptr) continue;
        for (const Dependency& need : theirs->needs(model_, dependent, their_status->state)) {
            if (need.object == job.subject && !acceptable(need, job.new_state)) return false;
        }
    }
    return true;
}

void JobEngine::start(std::int64_t id) {
    const JobRow& job = model_.jobs.at(id);
    const JobClass* of = find_job_class(job.class_name);
    if (!ready_to_run(job)) return complete(id, End::cancelled);
    Running running;
    try {
        if (of->steps) running.steps = of->steps(model_, job);
    } catch (const StepsImpossible&) {
        return complete(id, End::cancelled);
    }
    model_.jobs.edit(id, [&](JobRow& row) {
        row.state = "tasked";
        row.step_count = static_cast<std::int64_t>(running.steps.size());
        row.modified_at = model_.now();
    });
    const bool nothing_to_do = running.steps.empty();
    running_[id] = std::move(running);
    if (nothing_to_do) return complete(id, End::success);
    start_step(id, 0);
}

void JobEngine::start_step(std::int64_t id, std::size_t index) {
    const StepSpec spec = running_.at(id).steps[index];
    StepPart part;
    part.id = model_.next_id("step");
    part.class_name = spec.class_name;
    part.description = spec.class_name + ": " + model_.display_text(model_.jobs.at(id).subject);
    part.args = spec.args;
    part.created_at = model_.now();
    part.modified_at = part.created_at;
    model_.index_step(part.id, id, static_cast<std::int64_t>(index));
    model_.jobs.edit(id, [&](JobRow& row) { row.steps.push_back(std::move(part)); });
    auto end = [this, id, index](bool succeeded, std::string text) {
        step_ended(id, index, succeeded, text);
    };
    auto console = [this, id, index](const std::string& text) {
        model_.jobs.edit(id, [&](JobRow& row) { row.steps.at(index).console += text; });
    };
    auto step = std::make_shared<StepRun>(services_, model_.jobs.at(id), std::move(end), std::move(console));
    running_.at(id).step = step;
    spec.run(*step);
}

void JobEngine::step_ended(std::int64_t id, std::size_t index, bool succeeded, const std::string& text) {
    auto at = running_.find(id);
    if (at == running_.end()) return;
    model_.jobs.edit(id, [&](JobRow& row) {
        StepPart& part = row.steps.at(index);
        part.state = succeeded ? "success" : "failed";
        part.modified_at = model_.now();
        if (succeeded) {
            part.result = text.empty() ? "null" : text;
        } else {
            part.backtrace = text;
        }
        row.modified_at = model_.now();
    });
    if (!succeeded) {
        complete(id, End::error);
    } else if (index + 1 < at->second.steps.size()) {
        start_step(id, index + 1);
    } else {
        complete(id, End::success);
    }
    pump();
}

void JobEngine::complete(std::int64_t id, End end) {
    if (auto at = running_.find(id); at != running_.end()) {
        auto step = std::move(at->second.step);
        running_.erase(at);
        if (step) step->abandon();
    }
    model_.jobs.edit(id, [&](JobRow& row) {
        row.state = "complete";
        row.errored = end == End::error;
        row.cancelled = end == End::cancelled;
        row.modified_at = model_.now();
    });
    const JobRow job = model_.jobs.at(id);
    if (job.class_name == "ApplyConfParams") applying_.erase(job.subject.id);
    std::map<ObjectRef, std::vector<std::int64_t>> targets;
    for (const LockPart& lock : job.locks) {
        if (lock.write && lock.item.kind == Kind::target)
            targets[lock.item] = filesystems_concerned(model_, lock.item);
    }
    if (end == End::success) apply_success(job);
    locks_.remove(job);
    replay(job);
    for (const auto& [target, filesystems] : targets) {
        target_changed(services_, target, filesystems);
        if (end == End::success) apply_parameters(target, job.commands);
    }
    release_waiters(id);
    update_commands(job.commands);
}

void JobEngine::apply_success(const JobRow& job) {
    const SimTime now = model_.now();
    if (!job.new_state.empty() && model_.status(job.subject) != nullptr) {
        model_.edit_status(job.subject, job.new_state, now);
        services_.alerts.state_set(job.subject, true);
    }
    for (const LockPart& lock : job.locks) {
        if (lock.write && lock.item != job.subject) model_.touch_modified(lock.item, now);
    }
    const JobClass* of = find_job_class(job.class_name);
    if (of->succeeded) of->succeeded(services_, job);
}

/// Parameters that were asked for join the command that makes it possible to apply them.
void JobEngine::apply_parameters(ObjectRef target, const std::vector<std::int64_t>& commands) {
    const std::int64_t mgt = parameters_wait(model_, target);
    if (mgt == 0 || applying_.contains(mgt)) return;
    if (!conf_params::targets_ready(model_, mgt, unready_[mgt])) return;
    unready_.erase(mgt);
    const ObjectRef subject{Kind::target, mgt};
    for (std::int64_t command : commands) {
        if (model_.commands.at(command).complete) continue;
        (void)add_job(command, {"ApplyConfParams", subject, "{\"mgs_id\": " + std::to_string(mgt) + "}"});
        return;
    }
    const std::string message = "Updating configuration parameters on " + model_.display_text(subject);
    (void)run_jobs(message, {{"ApplyConfParams", subject, "{\"mgs_id\": " + std::to_string(mgt) + "}"}});
}

void JobEngine::release_waiters(std::int64_t job) {
    auto at = awaited_.find(job);
    if (at == awaited_.end()) return;
    const auto waiters = std::move(at->second);
    awaited_.erase(at);
    for (std::int64_t waiter : waiters) {
        auto waiting = waiting_.find(waiter);
        if (waiting == waiting_.end()) continue;
        waiting->second.erase(job);
        if (!waiting->second.empty()) continue;
        waiting_.erase(waiting);
        ready_.insert(waiter);
    }
}

void JobEngine::update_commands(const std::vector<std::int64_t>& commands) {
    for (std::int64_t id : commands) {
        const CommandRow* command = model_.commands.find(id);
        if (command == nullptr || command->complete) continue;
        bool errored = false, cancelled = false, complete = true;
        // From the back: what was planned last mostly ends last, so the first look often tells.
        for (auto at = command->jobs.rbegin(); complete && at != command->jobs.rend(); ++at) {
            const JobRow* job = model_.jobs.find(*at);
            if (job == nullptr) continue;
            complete = job->state == "complete";
            errored = errored || job->errored;
            cancelled = cancelled || job->cancelled;
        }
        if (!complete) continue;
        CommandRow done = *command;
        done.errored = errored;
        done.cancelled = cancelled;
        services_.alerts.command_completed(done);
        model_.commands.edit(id, [&](CommandRow& row) {
            row.complete = true;
            row.errored = errored;
            row.cancelled = cancelled;
        });
        if (model_.trace) model_.trace->emit("manager", CommandCompleted{id, errored, cancelled});
    }
}

Result<Nothing> JobEngine::cancel(std::int64_t id) {
    const JobRow* job = model_.jobs.find(id);
    if (job == nullptr) return Error{Errc::not_found, "there is no job " + std::to_string(id)};
    if (job->state == "complete") return Nothing{};
    if (!find_job_class(job->class_name)->cancellable) {
        return Error{Errc::conflict, job->class_name + " cannot be cancelled"};
    }
    give_up(id);
    pump();
    return Nothing{};
}

void JobEngine::give_up(std::int64_t id) {
    if (auto at = waiting_.find(id); at != waiting_.end()) {
        for (std::int64_t awaited : at->second) awaited_[awaited].erase(id);
        waiting_.erase(at);
    }
    ready_.erase(id);
    newcomers_.drop(id);
    complete(id, End::cancelled);
}

/// Whoever takes objects away for good waits for nobody: what is being done to them may wait for an agent
/// that never answers. The latest go first, so that none of them is looked at again because of another.
void JobEngine::preempt(const std::vector<LockPart>& locks) {
    std::set<std::int64_t> holders;
    for (const LockPart& lock : locks) {
        const LockHolders found = locks_.holders(lock.item);
        holders.insert(found.read.begin(), found.read.end());
        holders.insert(found.write.begin(), found.write.end());
    }
    for (auto id = holders.rbegin(); id != holders.rend(); ++id) {
        const JobRow& job = model_.jobs.at(*id);
        if (job.state != "complete" && !find_job_class(job.class_name)->preempts) give_up(*id);
    }
}

}  // namespace csim
