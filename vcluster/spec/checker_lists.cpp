// Mounts and capabilities, as specifications write them.
#include "vcluster/spec/checker.hpp"

#include <algorithm>
#include <set>

namespace csim {
namespace {

/// In the order of the kernel's numbers.
const std::vector<std::string> capability_names{
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE"};

std::string without_cap(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
    return name.starts_with("CAP_") ? name.substr(4) : name;
}

}  // namespace

int capability_number(const std::string& name) {
    const auto found = std::find(capability_names.begin(), capability_names.end(), name);
    return found == capability_names.end() ? -1 : static_cast<int>(found - capability_names.begin());
}

std::vector<std::string> Checker::capabilities(const Json& object, const char* key) {
    std::vector<std::string> all;
    const auto given = texts(object, "", key);
    for (std::size_t i = 0; i < given.size(); ++i) {
        const std::string name = without_cap(given[i]);
        const std::string path = std::string("/") + key + "/" + std::to_string(i);
        const std::string near = closest(name, capability_names);
        if (name != "ALL" && capability_number(name) < 0)
            error(
                "S16", path,
                "no capability \"" + given[i] + "\"" +
                    (near.empty() ? "" : "; did you mean \"" + near + "\"?")
            );
        all.push_back(name);
    }
    return all;
}

void Checker::mount(
    const Json& each, const std::string& at, const SpecWorld& world, std::vector<MountSpec>& all
) {
    std::string source, target, mode = "rw";
    if (each.is_object()) {
        source = text(each, at, "src", "", true);
        target = text(each, at, "dst", "", true);
        mode = text(each, at, "mode", "rw");
    } else if (each.is_string()) {
        const std::string whole = each.get<std::string>();
        const auto first = whole.find(':'), last = whole.rfind(':');
        if (first == std::string::npos || first == last || std::count(whole.begin(), whole.end(), ':') != 2)
            return error("S11", at, "\"" + whole + "\" is not SRC:DST:MODE");
        source = whole.substr(0, first);
        target = whole.substr(first + 1, last - first - 1);
        mode = whole.substr(last + 1);
    } else {
        return error("S03", at, "expected string, got " + named_kind(each));
    }
    static const std::set<std::string> reserved{"/", "/proc", "/sys", "/dev"};
    if (mode != "ro" && mode != "rw") error("S11", at, "mode \"" + mode + "\": expected ro or rw");
    if (!source.starts_with("/")) error("S11", at, "source \"" + source + "\" is not an absolute path");
    if (!target.starts_with("/") || reserved.contains(target) || target.find("..") != std::string::npos)
        error("S11", at, "nothing can be mounted at \"" + target + "\"");
    if (source.starts_with("/") && world.path_exists && !world.path_exists(source)) {
        // Simulated nodes see an empty folder there, and say so; real ones could not be made.
        const std::string missing = "source " + source + " does not exist on this machine";
        world.backend == "simulated" ? warn("S11", at, missing) : error("S11", at, missing);
    }
    for (const MountSpec& other : all)
        if (other.target == target) error("S11", at, "something is mounted at " + target + " already");
    all.push_back({source, target, mode == "ro"});
}

std::vector<MountSpec> Checker::mounts(const Json& object, const std::string& path, const SpecWorld& world) {
    std::vector<MountSpec> all;
    const Json& given = list(object, path, "mounts");
    for (std::size_t i = 0; i < given.size(); ++i)
        mount(given[i], path + "/mounts/" + std::to_string(i), world, all);
    return all;
}

}  // namespace csim
