// Jobs of filesystems: rows of the table, and the one that talks to an agent.
// Source: the manager API, §3.4 and §3.7.6.
#include "manager/jobs/target_parts.hpp"

#include <nlohmann/json.hpp>

namespace csim {

namespace {

using namespace parts;

std::vector<Dependency> start_needs(const Model& model, ObjectRef object) {
    std::vector<Dependency> needs;
    for (std::int64_t id : model.members_of(object.id))
        needs.push_back(one_state({Kind::target, id}, "mounted"));
    return needs;
}

std::vector<Dependency> stop_needs(const Model& model, ObjectRef object) {
    std::vector<Dependency> needs;
    for (std::int64_t id : model.target_index.of_filesystem(object.id)) {
        needs.push_back(
            {{Kind::target, id},
             {"unformatted", "formatted", "registered", "unmounted", "removed", "forgotten"},
             "unmounted",
             {}}
        );
    }
    return needs;
}

const TargetRow* mgt_of(const Model& model, ObjectRef object) {
    const FilesystemRow* filesystem = model.filesystems.find(object.id);
    return filesystem == nullptr ? nullptr : model.targets.find(filesystem->mgt_id);
}

bool holds_nothing(const TargetRow& mgt) {
    return mgt.status.state == "unformatted" || mgt.status.state == "formatted";
}

/// An MGS that was never registered knows nothing that could be purged.
std::vector<Dependency> remove_needs(const Model& model, ObjectRef object) {
    const TargetRow* mgt = mgt_of(model, object);
    if (mgt == nullptr || holds_nothing(*mgt)) return {};
    return {one_state({Kind::target, mgt->id}, "mounted")};
}

std::vector<StepSpec> remove_steps(const Model& model, const JobRow& job) {
    const TargetRow* mgt = mgt_of(model, job.subject);
    if (mgt == nullptr || holds_nothing(*mgt)) return {};
    if (!mgt->active_host) throw StepsImpossible("nobody knows where the MGS runs");
    const MountPart* mount = mount_on(*mgt, *mgt->active_host);
    if (mount == nullptr) throw StepsImpossible("the MGS runs on a server without a mount of it");
    Json args{
        {"mgs_device_path", mount->path},
        {"mgs_device_type", "linux"},
        {"filesystem_name", model.filesystems.at(job.subject.id).name}};
    auto run = [fqdn = mount_host(model, *mount).fqdn, args](StepRun& step) {
        step.raw(fqdn, "purge_configuration", args, [&step](const Json&) { step.succeed(); });
    };
    return {{"PurgeFilesystemStep", target_args(model, *mgt, *mount), std::move(run)}};
}

void delete_filesystem(JobServices& services, const JobRow& job) {
    services.alerts.object_removed(job.subject);
    services.model.remove_filesystem(job.subject.id);
}

bool is_watched_only(const Model& model, ObjectRef object) {
    return model.status(object)->immutable;
}

template <const char* const& before, const char* const& after>
std::string describe(const Model& model, ObjectRef object) {
    return before + model.display_text(object) + after;
}

constexpr const char* nothing = "";
constexpr const char* start_stopped = "Start file system ";
constexpr const char* start_unavailable = "Start filesystem ";
constexpr const char* make = "Make file system ";
constexpr const char* unavailable = " unavailable";
constexpr const char* stop_text = "Stop file system ";
constexpr const char* remove_text = "Remove file system ";
constexpr const char* configuration = " from configuration";
constexpr const char* forget_text = "Forget file system ";

JobClass filesystem_job(
    const char* name, std::string_view verb, int group, int order, std::string_view text
) {
    JobClass row;
    row.name = name;
    row.acts_on = Kind::filesystem;
    row.verb = verb;
    row.display_group = group;
    row.display_order = order;
    row.long_description = text;
    return row;
}

std::vector<JobClass> make_filesystem_classes() {
    std::vector<JobClass> classes;
    JobClass row = filesystem_job(
        "StartStoppedFilesystemJob", "Start", 1, 10, "Start all targets, so that clients can mount."
    );
    row.describe = describe<start_stopped, nothing>;
    row.needs = start_needs;
    classes.push_back(row);
    row =
        filesystem_job("StartUnavailableFilesystemJob", "Start", 1, 20, "Start the targets that do not run.");
    row.describe = describe<start_unavailable, nothing>;
    row.needs = start_needs;
    classes.push_back(row);
    row = filesystem_job(
        "MakeAvailableFilesystemUnavailable", "", 1000, 1000, "Note that clients can no longer rely on it."
    );
    row.describe = describe<make, unavailable>;
    classes.push_back(row);
    row = filesystem_job(
        "StopUnavailableFilesystemJob", "Stop", 2, 30, "Stop the MDTs and OSTs; clients lose the file system."
    );
    row.describe = describe<stop_text, nothing>;
    row.needs = stop_needs;
    classes.push_back(row);
    row = filesystem_job(
        "RemoveFilesystemJob", "Remove", 1, 20, "Take the file system out. Its contents stay on the volumes."
    );
    row.describe = describe<remove_text, configuration>;
    row.needs = remove_needs;
    row.steps = remove_steps;
    row.succeeded = delete_filesystem;
    row.requires_confirmation = true;
    classes.push_back(row);
    row = filesystem_job(
        "ForgetFilesystemJob", "Forget", 3, 40, "Stop watching the file system. It is left as it is."
    );
    row.describe = describe<forget_text, nothing>;
    row.can_run = is_watched_only;
    row.succeeded = delete_filesystem;
    classes.push_back(row);
    return classes;
}

}  // namespace

const std::vector<JobClass>& filesystem_job_classes() {
    static const std::vector<JobClass> classes = make_filesystem_classes();
    return classes;
}

}  // namespace csim
