// Actions on Lustre clients: mounts on workers.
#include "fakes/actions/action.hpp"
#include "fakes/fake_targets.hpp"

namespace csim {
namespace {

struct Filesystems {
    std::vector<std::pair<std::string, std::string>> filesystems;  ///< mountspec, mount point
};
BOOST_DESCRIBE_STRUCT(Filesystems, (), (filesystems))

/// Refuses what cannot be mounted, so that nothing is mounted of a list that has one wrong entry.
Result<Nothing> check_mountspec(const ActionScope& on, const std::string& mountspec) {
    const auto separator = mountspec.find(":/");
    if (separator == std::string::npos || separator + 2 == mountspec.size()) {
        return Error{Errc::bad_argument, "'" + mountspec + "' is not of the form <address>:/<filesystem>"};
    }
    const std::string fsname = mountspec.substr(separator + 2);
    if (on.targets != nullptr && !on.targets->filesystem_exists(mountspec.substr(0, separator), fsname)) {
        return Error{Errc::not_found, "there is no filesystem at " + mountspec};
    }
    return Nothing{};
}

Result<Nothing> mount(ActionScope& on, const Filesystems& args) {
    for (const auto& [mountspec, mountpoint] : args.filesystems) {
        const auto checked = check_mountspec(on, mountspec);
        if (!checked) return checked.error();
    }
    for (const auto& [mountspec, mountpoint] : args.filesystems) {
        const auto mounted = on.server.mount(mountspec, mountpoint);
        if (!mounted) return mounted.error();
    }
    return Nothing{};
}

Result<Nothing> unmount(ActionScope& on, const Filesystems& args) {
    for (const auto& [mountspec, mountpoint] : args.filesystems) on.server.unmount(mountspec);
    return Nothing{};
}

}  // namespace

std::vector<ActionSpec> client_actions() {
    using enum ActionKind;
    return {
        action<mount>(
            "mount_lustre_filesystems", change, raw, "Mounts filesystems; brings LNet up for that."
        ),
        action<unmount>("unmount_lustre_filesystems", change, raw, "Unmounts filesystems."),
    };
}

}  // namespace csim
