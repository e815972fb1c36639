// mkfs.lustre: writing a target on a volume.
#include "fakes/fake_targets_parts.hpp"
#include "fakes/mkfs_options.hpp"

#include <algorithm>

namespace csim {

namespace {

constexpr std::int64_t index_max = 0xffff;
constexpr std::size_t fsname_size_max = 64;
constexpr std::size_t nid_count_max = 1024;

TargetKind kind_of(const std::vector<std::string>& target_types) {
    const auto names = [&](std::string_view kind) {
        return std::ranges::any_of(target_types, [&](const auto& type) {
            return type.find(kind) != type.npos;
        });
    };
    if (names("mgs")) return TargetKind::mgs;
    return names("mdt") ? TargetKind::mdt : TargetKind::ost;
}

bool valid_fsname(const std::string& name) {
    constexpr auto allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    return !name.empty() && name.size() <= fsname_size_max && name.find_first_not_of(allowed) == name.npos;
}

Result<Nothing> check_member(const FormatTarget& request) {
    if (!request.fsname || !valid_fsname(*request.fsname)) {
        return Error{
            Errc::bad_argument, "fsname: a filesystem name of letters, digits, '_' and '-' is needed"};
    }
    if (!request.index || *request.index < 0 || *request.index > index_max) {
        return Error{Errc::bad_argument, "index: a number from 0 to 65535 is needed"};
    }
    const auto nids = all_nids(request.mgsnode);
    if (nids.empty() || nids.size() > nid_count_max) {
        return Error{Errc::bad_argument, "mgsnode: the NIDs of the management server are needed"};
    }
    return Nothing{};
}

}  // namespace

Result<FakeTargets::Plan> FakeTargets::plan_format(const LustreNode& on, const FormatTarget& request) const {
    auto serial = devices_.resolve(on.fqdn, request.device);
    if (!serial) return serial.error();
    Plan plan{.serial = std::move(*serial), .kind = kind_of(request.target_types)};
    if (plan.kind != TargetKind::mgs) {
        const auto checked = check_member(request);
        if (!checked) return checked.error();
        plan.state.fsname = request.fsname;
        plan.state.index = request.index;
        plan.mgs_nids = request.mgsnode;
    } else {
        if (!on.nids.empty()) plan.mgs_nids.push_back(on.nids);
        if (!request.failnode.empty()) plan.mgs_nids.push_back(request.failnode);
    }
    const auto layout = parse_mkfs_options(request.mkfsoptions);
    if (!layout) return layout.error();
    plan.result = {
        .filesystem_type = "ext4",
        .inode_size = layout->inode_size,
        .bytes_per_inode = layout->bytes_per_inode,
        .inode_count = devices_.find_volume(plan.serial)->size / layout->bytes_per_inode};
    plan.state.label = target_label(plan.kind, request.fsname.value_or(""), request.index.value_or(0));
    plan.state.backfstype = request.backfstype;
    plan.state.mgsnode = nid_groups_text(plan.mgs_nids);
    plan.state.inode_count = plan.result.inode_count;
    return plan;
}

Result<Nothing> FakeTargets::check_replaceable(const Plan& plan, bool reformat) const {
    const auto* present = find(plan.serial);
    if (present != nullptr) {
        const auto running_on = started_on(present->uuid);
        if (!running_on.empty()) {
            return Error{
                Errc::conflict, plan.serial + " carries " + present->label + ", which is started on " +
                                    running_on + "; stop it first"};
        }
    }
    if (reformat) return Nothing{};
    if (present != nullptr) {
        return Error{
            Errc::conflict,
            plan.serial + " already carries the target " + present->label + "; ask for a reformat"};
    }
    if (const auto local = devices_.local_filesystem(plan.serial)) {
        return Error{
            Errc::conflict,
            plan.serial + " already carries a filesystem of type " + *local + "; ask for a reformat"};
    }
    return Nothing{};
}

Result<Nothing> FakeTargets::find_superseded(Plan& plan) const {
    const auto found = serials_of_label_.find(plan.state.label);
    if (plan.kind == TargetKind::mgs || found == serials_of_label_.end()) return Nothing{};
    const auto* mgs = mgs_at(plan.mgs_nids);
    const auto wanted = all_nids(plan.mgs_nids);
    for (const auto& serial : found->second) {
        const auto& other = *find(serial);
        const auto* registrar = registrar_of(serial, other.label);
        const bool same_mgs = intersect(all_nids(parse_nid_groups(other.mgsnode)), wanted) ||
                              (registrar != nullptr && registrar == mgs);
        if (serial == plan.serial || !same_mgs) continue;
        if ((registrar != nullptr && registrar == mgs) || !started_on(other.uuid).empty()) {
            return Error{
                Errc::conflict, "the volume " + serial + " is " + other.label +
                                    " of the same management server; purge the filesystem there first"};
        }
        plan.superseded.push_back(serial);
    }
    return Nothing{};
}

Result<FormattedTarget> FakeTargets::format(const LustreNode& on, const FormatTarget& request, SimTime now) {
    auto planned = plan_format(on, request);
    if (!planned) return planned.error();
    auto plan = std::move(*planned);
    if (const auto checked = check_replaceable(plan, request.reformat); !checked) return checked.error();
    if (const auto checked = find_superseded(plan); !checked) return checked.error();

    plan.result.uuid = plan.state.uuid = fresh_uuid(plan.serial, now);
    plan.state.formatted_at = now;
    for (const auto& serial : plan.superseded) forget(serial);
    forget(plan.serial);
    devices_.erase_local_filesystem(plan.serial);
    const EntryName name{targets_document, "targets/" + plan.serial};
    remember(plan.serial, std::make_unique<Target>(documents_, name, std::move(plan.state)));
    if (plan.kind == TargetKind::mgs) create_mgs(plan.serial, plan.mgs_nids);
    devices_.touch(plan.serial);
    return plan.result;
}

void FakeTargets::forget(const std::string& serial) {
    const auto found = targets_.find(serial);
    if (found == targets_.end()) return;
    const auto& state = **found->second;
    if (state.label == mgs_label) {
        if (auto* mgs = mgs_held_by(serial)) {
            const auto key = mgs->name().path.substr(std::string_view("mgts/").size());
            mgs->erase();
            mgts_.erase(key);
        }
    } else if (auto* mgs = registrar_of(serial, state.label)) {
        mgs->edit([&](MgsState& database) { database.targets.erase(state.label); });
    }
    serial_of_uuid_.erase(state.uuid);
    auto& same_label = serials_of_label_[state.label];
    same_label.erase(serial);
    if (same_label.empty()) serials_of_label_.erase(state.label);
    found->second->erase();
    targets_.erase(found);
    ++generation_;
    devices_.touch(serial);
}

void FakeTargets::create_mgs(const std::string& serial, const NidGroups& nids) {
    auto key = nid_groups_text(nids);
    // Two volumes may have been formatted for the same servers; their databases stay apart.
    if (key.empty() || mgts_.contains(key)) key += "#" + serial;
    const EntryName name{targets_document, "mgts/" + key};
    mgts_[key] = std::make_unique<Mgs>(documents_, name, MgsState{.serial = serial, .nids = nids});
}

std::string FakeTargets::fresh_uuid(const std::string& serial, SimTime now) const {
    // Named by volume and instant, so that neither a restart nor another volume's format changes it.
    auto stream = run_.stream("target-uuid/" + serial + "/" + std::to_string(now.unix_ns()));
    auto uuid = stream.uuid();
    while (serial_of_uuid_.contains(uuid)) uuid = stream.uuid();
    return uuid;
}

}  // namespace csim
