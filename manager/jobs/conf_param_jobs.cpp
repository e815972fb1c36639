// ApplyConfParams, and the versions that tell what an MGS already knows.
#include "manager/jobs/conf_params.hpp"
#include "manager/jobs/target_parts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace csim {

namespace {

using namespace parts;

struct Change {
    std::int64_t version;
    std::string key;
    std::optional<std::string> value;
};

void collect(
    std::vector<Change>& changes, const std::string& name, const Params& params, std::int64_t applied
) {
    for (const auto& [key, param] : params) {
        if (param.version > applied) changes.push_back({param.version, name + "." + key, param.value});
    }
}

/// What the MGS has not been told yet, oldest first.
std::vector<Change> changes_of(const Model& model, const TargetRow& mgt) {
    std::vector<Change> changes;
    for (std::int64_t id : model.target_index.filesystems_of_mgt(mgt.id)) {
        const FilesystemRow& filesystem = model.filesystems.at(id);
        collect(changes, filesystem.name, filesystem.params, mgt.params_applied);
        for (std::int64_t member : model.target_index.of_filesystem(id)) {
            const TargetRow& target = model.targets.at(member);
            collect(changes, target.name, target.params, mgt.params_applied);
        }
    }
    std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
        return a.version < b.version;
    });
    return changes;
}

StepSpec change_step(const std::string& fqdn, const Change& change) {
    Json args{{"key", change.key}, {"value", change.value ? Json(*change.value) : Json(nullptr)}};
    auto run = [fqdn, args](StepRun& step) {
        step.raw(fqdn, "set_conf_param", args, [&step](const Json&) { step.succeed(); });
    };
    return {"ConfParamStep", args.dump(), std::move(run)};
}

StepSpec version_step(std::int64_t version) {
    auto run = [version](StepRun& step) {
        const TargetRow* mgt = target_of_step(step);
        if (mgt == nullptr) return;
        step.model().targets.edit(mgt->id, [&](TargetRow& row) { row.params_applied = version; });
        step.succeed();
    };
    return {"ConfParamVersionStep", Json{{"version", version}}.dump(), std::move(run)};
}

std::vector<StepSpec> apply_steps(const Model& model, const JobRow& job) {
    const TargetRow& mgt = target_of_job(model, job);
    if (!mgt.active_host) throw StepsImpossible("nobody knows where the MGS runs");
    const HostRow* host = model.hosts.find(*mgt.active_host);
    if (host == nullptr) throw StepsImpossible("the server of the MGS is gone");
    std::vector<StepSpec> steps;
    for (const Change& change : changes_of(model, mgt)) steps.push_back(change_step(host->fqdn, change));
    steps.push_back(version_step(mgt.params_version));
    return steps;
}

std::string describe(const Model& model, ObjectRef mgt) {
    return "Update configuration parameters on " + model.display_text(mgt);
}

}  // namespace

namespace conf_params {

bool differs(const Params& present, const Values& values) {
    return std::any_of(values.begin(), values.end(), [&](const auto& entry) {
        auto at = present.find(entry.first);
        const auto known = at == present.end() ? std::nullopt : at->second.value;
        return known != entry.second;
    });
}

std::int64_t note(Model& model, ObjectRef owner, const Values& values) {
    const bool of_filesystem = owner.kind == Kind::filesystem;
    const Params& present =
        of_filesystem ? model.filesystems.at(owner.id).params : model.targets.at(owner.id).params;
    Values changed;
    for (const auto& [key, value] : values) {
        if (differs(present, {{key, value}})) changed.emplace(key, value);
    }
    const std::int64_t mgt =
        of_filesystem ? model.filesystems.at(owner.id).mgt_id : model.mgt_of(model.targets.at(owner.id));
    if (changed.empty() || model.targets.find(mgt) == nullptr) return 0;
    std::int64_t version = model.targets.at(mgt).params_version;
    auto take = [&](auto& row) {
        for (auto& [key, value] : changed) row.params[key] = {value, ++version};
    };
    if (of_filesystem) {
        model.filesystems.edit(owner.id, take);
    } else {
        model.targets.edit(owner.id, take);
    }
    model.targets.edit(mgt, [&](TargetRow& row) { row.params_version = version; });
    return mgt;
}

std::vector<Dependency> needs(const Model& model, ObjectRef object) {
    std::vector<Dependency> found{one_state(object, "mounted")};
    const TargetRow* mgt = model.targets.find(object.id);
    if (mgt == nullptr) return found;
    auto pending = [&](const Params& params) {
        return std::any_of(params.begin(), params.end(), [&](const auto& p) {
            return p.second.version > mgt->params_applied;
        });
    };
    auto add = [&](std::int64_t target) {
        found.push_back(
            {{Kind::target, target},
             {"registered", "unmounted", "mounted", "removed", "forgotten"},
             "mounted",
             {}}
        );
    };
    for (std::int64_t id : model.target_index.filesystems_of_mgt(mgt->id)) {
        const bool whole = pending(model.filesystems.at(id).params);
        for (std::int64_t member : model.target_index.of_filesystem(id)) {
            const TargetRow& target = model.targets.at(member);
            if ((whole && target.kind == "MDT") || pending(target.params)) add(member);
        }
    }
    return found;
}

namespace {

bool pending(const Params& params, const TargetRow& mgt) {
    return std::any_of(params.begin(), params.end(), [&](const auto& param) {
        return param.second.version > mgt.params_applied;
    });
}

/// Parameters of the target, or of the whole filesystem, wait until it is past formatting.
bool stands_in_the_way(const Model& model, const TargetRow& mgt, Place at) {
    const TargetRow& target = model.targets.at(at.target);
    const std::string& state = target.status.state;
    if (state != "unformatted" && state != "formatted") return false;
    const bool whole = target.kind == "MDT" && pending(model.filesystems.at(at.filesystem).params, mgt);
    return whole || pending(target.params, mgt);
}

/// The first target in the way from `from` on.
std::optional<Place> first_in_the_way(const Model& model, const TargetRow& mgt, Place from) {
    const auto& filesystems = model.target_index.filesystems_of_mgt(mgt.id);
    for (auto id = filesystems.lower_bound(from.filesystem); id != filesystems.end(); ++id) {
        const auto& members = model.target_index.of_filesystem(*id);
        auto member = members.lower_bound(*id == from.filesystem ? from.target : 0);
        for (; member != members.end(); ++member) {
            if (stands_in_the_way(model, mgt, {*id, *member})) return Place{*id, *member};
        }
    }
    return std::nullopt;
}

}  // namespace

bool targets_ready(const Model& model, std::int64_t id, Place& last) {
    const TargetRow& mgt = model.targets.at(id);
    auto found = first_in_the_way(model, mgt, last);
    // Those before it were passed when they were ready, which may have been another filesystem's time.
    if (!found && last.target != 0) found = first_in_the_way(model, mgt, {});
    last = found.value_or(Place{});
    return !found;
}

}  // namespace conf_params

const std::vector<JobClass>& conf_param_job_classes() {
    static const std::vector<JobClass> classes = [] {
        JobClass row;
        row.name = "ApplyConfParams";
        row.acts_on = Kind::target;
        row.long_description = "Tell the MGS configuration parameters that it does not know yet.";
        row.describe = describe;
        row.needs = conf_params::needs;
        row.steps = apply_steps;
        row.argument = "mgs_id";
        return std::vector<JobClass>{row};
    }();
    return classes;
}

}  // namespace csim
