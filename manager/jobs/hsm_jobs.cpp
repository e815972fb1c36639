// Jobs of client mounts and copytools.
// Source: the manager API, §3.7.14.
#include "manager/jobs/hsm_states.hpp"
#include "manager/jobs/target_parts.hpp"

#include <nlohmann/json.hpp>

namespace csim {

namespace {

using namespace parts;

constexpr const char* unmounted = "unmounted";
constexpr const char* mounted = "mounted";

StepSpec raw_step(const char* name, const HostRow& host, const char* action, const Json& args) {
    return {name, host_args(host), [fqdn = host.fqdn, action, args](StepRun& step) {
                step.raw(fqdn, action, args, [&step](const Json&) { step.succeed(); });
            }};
}

/// The mounts that a job is about: the one it names, or all of its host that are in `state`.
std::vector<const ClientMountRow*> mounts_of(
    const Model& model, const JobRow& job, const std::string& state
) {
    std::vector<const ClientMountRow*> found;
    if (job.subject.kind == Kind::client_mount) {
        const ClientMountRow* row = model.client_mounts.find(job.subject.id);
        if (row == nullptr) throw StepsImpossible("the client mount is gone");
        return {row};
    }
    model.client_mounts.each([&](const ClientMountRow& row) {
        if (row.host_id == job.subject.id && row.status.state == state) found.push_back(&row);
    });
    return found;
}

std::vector<StepSpec> mount_steps(const Model& model, const JobRow& job) {
    Json list = Json::array();
    for (const ClientMountRow* row : mounts_of(model, job, unmounted))
        list.push_back(Json::array({mount_spec(model, row->filesystem_id), row->mountpoint}));
    return {raw_step(
        "MountLustreFilesystemsStep", host_of_job(model, job), "mount_lustre_filesystems",
        Json{{"filesystems", std::move(list)}}
    )};
}

std::vector<StepSpec> unmount_steps(const Model& model, const JobRow& job) {
    Json list = Json::array();
    for (const ClientMountRow* row : mounts_of(model, job, mounted))
        list.push_back(Json::array({mount_spec(model, row->filesystem_id), row->mountpoint}));
    return {raw_step(
        "UnmountLustreFilesystemsStep", host_of_job(model, job), "unmount_lustre_filesystems",
        Json{{"filesystems", std::move(list)}}
    )};
}

template <const char* const& state>
bool can_change_mounts(const Model& model, ObjectRef host) {
    const HostRow& row = model.hosts.at(host.id);
    const std::string& now = row.status.state;
    if (!model.profile_of(row).worker || now == "unconfigured" || now == "undeployed" || now == "removed")
        return false;
    if (model.active_alert(host, "HostOfflineAlert") || model.active_alert(host, "HostContactAlert"))
        return false;
    bool any = false;
    model.client_mounts.each([&](const ClientMountRow& mount) {
        any = any || (mount.host_id == host.id && mount.status.state == state);
    });
    return any;
}

std::vector<Dependency> lnet_up(const Model& model, ObjectRef object) {
    const HostRow* host = model.hosts.find(model.host_of(object));
    if (host == nullptr) return {};
    return {one_state({Kind::lnet_configuration, host->lnet_id}, "lnet_up")};
}

Json id_args(std::int64_t copytool) {
    return Json{{"id", std::to_string(copytool)}};
}

const CopytoolRow& copytool_of(const Model& model, const JobRow& job) {
    const CopytoolRow* copytool = model.copytools.find(job.subject.id);
    if (copytool == nullptr || model.client_mounts.find(copytool->client_mount_id) == nullptr) {
        throw StepsImpossible("the copytool or its mount is gone");
    }
    return *copytool;
}

StepSpec cancel_step(std::int64_t copytool, const char* reason) {
    return {"CancelActiveOperationsStep", id_args(copytool).dump(), [copytool, reason](StepRun& step) {
                cancel_operations(step.model(), copytool, reason);
                step.succeed();
            }};
}

std::vector<StepSpec> configure_steps(const Model& model, const JobRow& job) {
    const CopytoolRow& copytool = copytool_of(model, job);
    const Json args{
        {"id", std::to_string(copytool.id)},
        {"index", copytool.index},
        {"bin_path", copytool.bin_path},
        {"archive_number", copytool.archive},
        {"filesystem", model.display_text({Kind::filesystem, copytool.filesystem_id})},
        {"mountpoint", model.client_mounts.at(copytool.client_mount_id).mountpoint},
        {"hsm_arguments", copytool.hsm_arguments},
    };
    return {raw_step("ConfigureCopytoolStep", host_of_job(model, job), "configure_copytool", args)};
}

std::vector<StepSpec> start_steps(const Model& model, const JobRow& job) {
    return {action_step(
        "StartCopytoolStep", host_of_job(model, job), "start_monitored_copytool", id_args(job.subject.id)
    )};
}

std::vector<StepSpec> stop_steps(const Model& model, const JobRow& job) {
    return {
        cancel_step(job.subject.id, "The copytool was stopped"),
        action_step(
            "StopCopytoolStep", host_of_job(model, job), "stop_monitored_copytool", id_args(job.subject.id)
        ),
    };
}

std::vector<StepSpec> remove_steps(const Model& model, const JobRow& job) {
    const HostRow& host = host_of_job(model, job);
    const Json args = id_args(job.subject.id);
    return {
        cancel_step(job.subject.id, "The copytool was removed"),
        action_step("StopCopytoolStep", host, "stop_monitored_copytool", args),
        raw_step("UnconfigureCopytoolStep", host, "unconfigure_copytool", args),
    };
}

/// The mount goes with the last copytool of its host.
std::vector<Dependency> removal_needs(const Model& model, ObjectRef object) {
    const CopytoolRow* copytool = model.copytools.find(object.id);
    if (copytool == nullptr) return {};
    int others = 0;
    model.copytools.each([&](const CopytoolRow& row) {
        others += row.host_id == copytool->host_id && row.id != object.id;
    });
    if (others > 0) return {};
    return {one_state({Kind::client_mount, copytool->client_mount_id}, "unmounted")};
}

std::vector<LockPart> write_lock(const Model&, ObjectRef object) {
    return {{object, true, {}}};
}

void delete_subject(JobServices& services, const JobRow& job) {
    if (job.subject.kind == Kind::client_mount) return services.model.client_mounts.erase(job.subject.id);
    delete_copytool(services, job.subject.id);
}

template <const char* const& before>
std::string describe(const Model& model, ObjectRef object) {
    const std::string name = model.display_text(object);
    if (object.kind != Kind::copytool) return before + name;
    return before + name + " on worker " + label_of(model, object);
}

constexpr const char* mount_all_text = "Mount file systems on ";
constexpr const char* unmount_all_text = "Unmount file systems on ";
constexpr const char* mount_text = "Mount ";
constexpr const char* unmount_text = "Unmount ";
constexpr const char* remove_mount_text = "Remove client mount ";
constexpr const char* configure_text = "Configure copytool ";
constexpr const char* start_text = "Start copytool ";
constexpr const char* stop_text = "Stop copytool ";
constexpr const char* remove_text = "Remove copytool ";
constexpr const char* force_text = "Force remove copytool ";

JobClass hsm_class(
    const char* name, Kind kind, decltype(JobClass::describe) describe, decltype(JobClass::steps) steps
) {
    JobClass row;
    row.name = name;
    row.acts_on = kind;
    row.describe = describe;
    row.steps = steps;
    return row;
}

void offer(JobClass& row, std::string_view verb, int group, int order, std::string_view text) {
    row.verb = verb;
    row.display_group = group;
    row.display_order = order;
    row.long_description = text;
}

void add_mount_classes(std::vector<JobClass>& classes) {
    JobClass all = hsm_class("MountLustreFilesystemsJob", Kind::host, describe<mount_all_text>, mount_steps);
    offer(all, "Mount Filesystem(s)", 3, 120, "Mount the file systems of this worker.");
    all.argument = "host_id";
    all.advertised = true;
    all.can_run = can_change_mounts<unmounted>;
    all.needs = lnet_up;
    classes.push_back(all);
    all = hsm_class("UnmountLustreFilesystemsJob", Kind::host, describe<unmount_all_text>, unmount_steps);
    offer(all, "Unmount Filesystem(s)", 3, 130, "Unmount the file systems of this worker.");
    all.argument = "host_id";
    all.advertised = true;
    all.can_run = can_change_mounts<mounted>;
    classes.push_back(all);
    JobClass one = hsm_class("MountLustreClientJob", Kind::client_mount, describe<mount_text>, mount_steps);
    one.needs = lnet_up;
    classes.push_back(one);
    one = hsm_class("UnmountLustreClientMountJob", Kind::client_mount, describe<unmount_text>, unmount_steps);
    one.requires_confirmation = true;
    classes.push_back(one);
    one = hsm_class("RemoveLustreClientJob", Kind::client_mount, describe<remove_mount_text>, nullptr);
    one.requires_confirmation = true;
    one.succeeded = delete_subject;
    classes.push_back(one);
}

void add_copytool_classes(std::vector<JobClass>& classes) {
    JobClass row =
        hsm_class("ConfigureCopytoolJob", Kind::copytool, describe<configure_text>, configure_steps);
    offer(row, "Configure", 2, 10, "Set this copytool up on its worker.");
    classes.push_back(row);
    row = hsm_class("StartCopytoolJob", Kind::copytool, describe<start_text>, start_steps);
    offer(row, "Start", 1, 10, "Mount the file system if need be and start this copytool.");
    classes.push_back(row);
    row = hsm_class("StopCopytoolJob", Kind::copytool, describe<stop_text>, stop_steps);
    offer(row, "Stop", 1, 10, "Stop this copytool; what it is copying is given up.");
    row.requires_confirmation = true;
    classes.push_back(row);
    row = hsm_class("RemoveCopytoolJob", Kind::copytool, describe<remove_text>, remove_steps);
    offer(row, "Remove", 3, 10, "Take this copytool off its worker.");
    row.requires_confirmation = true;
    row.needs = removal_needs;
    row.succeeded = delete_subject;
    classes.push_back(row);
    row = hsm_class("RemoveUnconfiguredCopytoolJob", Kind::copytool, describe<remove_text>, nullptr);
    offer(row, "Remove", 3, 10, "Forget this copytool, which was never set up.");
    row.requires_confirmation = true;
    row.succeeded = delete_subject;
    classes.push_back(row);
    row = hsm_class("ForceRemoveCopytoolJob", Kind::copytool, describe<force_text>, nullptr);
    offer(row, "Force Remove", 5, 10, "Forget this copytool without asking its worker.");
    row.confirmation = "The worker is not told. Use this only if it will never answer again.";
    row.argument = "copytool_id";
    row.advertised = true;
    row.locks = write_lock;
    row.succeeded = [](JobServices& services, const JobRow& job) {
        delete_copytool(services, job.subject.id);
    };
    classes.push_back(row);
}

}  // namespace

const std::vector<JobClass>& hsm_job_classes() {
    static const std::vector<JobClass> classes = [] {
        std::vector<JobClass> made;
        add_mount_classes(made);
        add_copytool_classes(made);
        return made;
    }();
    return classes;
}

}  // namespace csim
