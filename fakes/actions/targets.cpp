// Actions on Lustre targets: formatting, registration, parameters, statistics.
#include "fakes/actions/action.hpp"
#include "fakes/fake_targets.hpp"
#include "fakes/hsm_port.hpp"
#include "fakes/plugins/server_reports.hpp"
#include "fakes/read_proc.hpp"
#include "fakes/target_statistics.hpp"

namespace csim {
namespace {

/// Names are the contract with managers; those without effect take anything.
struct FormatArguments {
    std::string device_type;
    std::string target_name;
    std::string device;
    std::string backfstype;
    std::optional<Json> target_types;
    std::optional<std::vector<std::vector<std::string>>> mgsnode;
    std::optional<std::string> fsname;
    std::optional<std::vector<std::string>> failnode;
    std::optional<std::int64_t> index;
    std::optional<std::string> mkfsoptions;
    std::optional<bool> reformat;
    std::optional<Json> servicenode, param, comment, mountfsoptions, network, device_size, stripe_count_hint,
        iam_dir, dryrun, verbose, quiet;
};
BOOST_DESCRIBE_STRUCT(
    FormatArguments, (),
    (device_type, target_name, device, backfstype, target_types, mgsnode, fsname, failnode, index,
     mkfsoptions, reformat, servicenode, param, comment, mountfsoptions, network, device_size,
     stripe_count_hint, iam_dir, dryrun, verbose, quiet)
)

struct RegisterArguments {
    std::string device_path;
    std::string mount_point;
    std::string backfstype;
};
BOOST_DESCRIBE_STRUCT(RegisterArguments, (), (device_path, mount_point, backfstype))

struct Label {
    std::string label;
};
BOOST_DESCRIBE_STRUCT(Label, (), (label))

struct WriteconfArguments {
    std::optional<std::string> device;
    std::optional<bool> writeconf, erase_params;
    std::optional<std::vector<std::vector<std::string>>> mgsnode;
    std::optional<std::vector<std::string>> failnode;
};
BOOST_DESCRIBE_STRUCT(WriteconfArguments, (), (device, writeconf, erase_params, mgsnode, failnode))

struct PurgeArguments {
    std::string mgs_device_path;
    std::string mgs_device_type;
    std::string filesystem_name;
};
BOOST_DESCRIBE_STRUCT(PurgeArguments, (), (mgs_device_path, mgs_device_type, filesystem_name))

struct SetConfParam {
    std::string key;
    std::optional<std::string> value;
};
BOOST_DESCRIBE_STRUCT(SetConfParam, (), (key, value))

struct ProcPath {
    std::string path;
};
BOOST_DESCRIBE_STRUCT(ProcPath, (), (path))

LustreNode node_of(const FakeServer& server) {
    return {server.fqdn(), server.nids(), server.lnet_state() == "lnet_up"};
}

/// One text, or a list of texts; both occur.
Result<std::vector<std::string>> target_types(const std::optional<Json>& json) {
    if (!json || json->is_null()) return std::vector<std::string>{};
    if (json->is_string()) return std::vector<std::string>{json->get<std::string>()};
    auto list = from_json_value<std::vector<std::string>>(*json, Strictness::exact);
    if (!list) return Error{Errc::bad_argument, "/target_types: expected a text or a list of texts"};
    return list;
}

Result<FormattedTarget> format(ActionScope& on, const FormatArguments& args) {
    const auto targets = need(on.targets, "Lustre targets");
    if (!targets) return targets.error();
    const auto types = target_types(args.target_types);
    if (!types) return types.error();
    FormatTarget wanted;
    wanted.device = args.device;
    wanted.backfstype = args.backfstype;
    wanted.target_types = *types;
    wanted.mgsnode = args.mgsnode.value_or(NidGroups{});
    wanted.fsname = args.fsname;
    wanted.failnode = args.failnode.value_or(std::vector<std::string>{});
    wanted.index = args.index;
    wanted.mkfsoptions = args.mkfsoptions.value_or("");
    wanted.reformat = args.reformat.value_or(false);
    return (*targets)->format(node_of(on.server), wanted, on.timeline.now());
}

Result<Label> register_target(ActionScope& on, const RegisterArguments& args) {
    const auto targets = need(on.targets, "Lustre targets");
    if (!targets) return targets.error();
    const auto label = (*targets)->register_target(node_of(on.server), args.device_path);
    if (!label) return label.error();
    return Label{*label};
}

Result<Nothing> writeconf(ActionScope& on, const WriteconfArguments& args) {
    const auto targets = need(on.targets, "Lustre targets");
    if (!targets) return targets.error();
    WriteconfTarget wanted;
    wanted.device = args.device.value_or("");
    wanted.mgsnode = args.mgsnode.value_or(NidGroups{});
    wanted.failnode = args.failnode.value_or(std::vector<std::string>{});
    return (*targets)->writeconf(node_of(on.server), wanted);
}

Result<Nothing> purge(ActionScope& on, const PurgeArguments& args) {
    const auto targets = need(on.targets, "Lustre targets");
    if (!targets) return targets.error();
    return (*targets)->purge(node_of(on.server), args.mgs_device_path, args.filesystem_name);
}

Result<Nothing> set_conf_param(ActionScope& on, const SetConfParam& args) {
    const auto targets = need(on.targets, "Lustre targets");
    if (!targets) return targets.error();
    const auto control = (*targets)->set_conf_param(on.server.fqdn(), args.key, args.value);
    if (!control) return control.error();
    if (!*control || on.hsm == nullptr) return Nothing{};
    return on.hsm->control((*control)->fsname, (*control)->value);
}

Result<std::string> read(ActionScope& on, const ProcPath& args) {
    const auto targets = need(on.targets, "Lustre targets");
    if (!targets) return targets.error();
    return read_proc(**targets, on.server.fqdn(), args.path);
}

Result<TargetMetricsByLabel> lustre_stats(ActionScope& on, const NoArguments&) {
    const auto reports = need(on.reports, "device plugins");
    if (!reports) return reports.error();
    return (*reports)->target_metrics();
}

Result<NodeMetrics> node_stats(ActionScope& on, const NoArguments&) {
    return node_metrics(on.server.fqdn(), on.server.activity(), on.server->boot_time, on.timeline.now());
}

}  // namespace

std::vector<ActionSpec> target_actions() {
    using enum ActionKind;
    constexpr ActionColumns moment{.shape = ResultShape::raw, .takes = 100ms};
    return {
        action<format>("format_target", change, moment, "Writes a Lustre target on a device."),
        action<register_target>("register_target", change, moment, "Registers a target with its MGS."),
        action<writeconf>("writeconf_target", change, moment, "Rewrites where a target finds its MGS."),
        action<purge>(
            "purge_configuration", change, raw, "Removes a filesystem from the database of an MGS."
        ),
        action<set_conf_param>(
            "set_conf_param", change, raw, "Sets or, with null, clears a Lustre parameter."
        ),
        action<read>("read_proc", query, raw, "Reads a tunable under /proc/fs/lustre."),
        action<lustre_stats>(
            "get_lustre_stats", query, raw, "Returns the statistics of the targets started here."
        ),
        action<node_stats>("get_node_stats", query, raw, "Returns memory and processor statistics."),
    };
}

}  // namespace csim
