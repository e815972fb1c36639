// What happens to jobs from outside: a restart of the manager, and news from agents.
#include "manager/jobs/job_engine.hpp"
#include "manager/jobs/target_hooks.hpp"
#include "manager/manager_events.hpp"

#include <algorithm>

namespace csim {
namespace {

constexpr const char* interrupted =
    "The manager was stopped while this ran. Nothing was undone; ask for the change again";

}  // namespace

void JobEngine::recover() {
    std::vector<std::int64_t> unfinished;
    model_.jobs.each([&](const JobRow& job) {
        if (job.state != "complete") unfinished.push_back(job.id);
    });
    for (std::int64_t id : unfinished) {
        const bool ran = model_.jobs.at(id).state == "tasked";
        model_.jobs.edit(id, [&](JobRow& row) {
            row.state = "complete";
            row.errored = ran;
            row.cancelled = !ran;
            row.modified_at = model_.now();
            for (StepPart& step : row.steps) {
                if (step.state != "incomplete") continue;
                step.state = "failed";
                step.backtrace = interrupted;
                step.modified_at = row.modified_at;
            }
        });
    }
    for (std::int64_t id : model_.commands.ids()) {
        if (!model_.commands.at(id).complete) update_commands({id});
    }
}

void JobEngine::notify(Notification news) {
    ++notified_;
    const Status* status = model_.status(news.object);
    if (status == nullptr) return;
    const auto& allowed = news.allowed;
    if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), status->state) == allowed.end()) return;
    if (news.state) {
        if (news.at <= status->modified_at || locks_.held(news.object)) return;
    } else if (locks_.held(news.object)) {
        // The latest news about the same attributes counts, once the job that holds the object is done.
        std::string attributes = news.attributes;
        buffered_[news.object].insert_or_assign(std::move(attributes), std::move(news));
        return;
    }
    apply(news);
}

bool JobEngine::apply(const Notification& news) {
    const Status* status = model_.status(news.object);
    if (status == nullptr) return false;
    const bool of_target = news.object.kind == Kind::target;
    if (news.state && *news.state != status->state) {
        model_.edit_status(news.object, *news.state, model_.now());
        services_.alerts.state_set(news.object, false);
    }
    if (news.apply) news.apply();
    if (of_target) {
        target_changed(services_, news.object, filesystems_concerned(model_, news.object));
        apply_parameters(news.object, {});
    }
    return true;
}

void JobEngine::replay(const JobRow& job) {
    for (const LockPart& lock : job.locks) {
        if (locks_.held(lock.item)) continue;
        auto at = buffered_.find(lock.item);
        if (at == buffered_.end()) continue;
        auto news = std::move(at->second);
        buffered_.erase(at);
        for (const auto& entry : news) apply(entry.second);
    }
}

}  // namespace csim
