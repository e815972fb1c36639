#include "fakes/read_proc.hpp"

#include <array>

namespace csim {

namespace {

constexpr std::string_view root = "/proc/fs/lustre/";
constexpr std::string_view client_root = "/proc/fs/lustre/llite/*/";

/// What a directory under /proc/fs/lustre shows of a target, and what a fresh one says.
struct ProcDefault {
    std::string_view directory;
    std::string_view parameter;
    std::string_view value;
};

constexpr std::array<ProcDefault, 5> defaults = {{
    {"lov", "stripesize", "1"},
    {"obdfilter", "writethrough_cache_enable", "16"},
    {"obdfilter", "sync_journal", "0"},
    {"mdt", "hsm_control", "disabled"},
    {"llite", "max_cached_mb", "max_cached_mb: 32"},
}};

struct ProcDirectory {
    std::string_view directory;
    std::string_view subsystem;  ///< the middle of the conf param that sets it
    TargetKind kind;
    bool suffixed;  ///< the target's label is followed by `-<something>`
};

constexpr std::array<ProcDirectory, 3> directories = {{
    {"lov", "lov", TargetKind::mdt, true},
    {"obdfilter", "ost", TargetKind::ost, false},
    {"mdt", "mdt", TargetKind::mdt, false},
}};

/// `directory`, target and parameter of a path below the root.
struct ProcPath {
    std::string_view directory;
    std::string_view target;
    std::string_view parameter;
};

std::optional<ProcPath> split(std::string_view path) {
    if (!path.starts_with(root)) return std::nullopt;
    path.remove_prefix(root.size());
    const auto first = path.find('/');
    if (first == path.npos) return std::nullopt;
    const auto second = path.find('/', first + 1);
    if (second == path.npos || second + 1 == path.size()) return std::nullopt;
    const auto parameter = path.substr(second + 1);
    if (parameter.find('/') != parameter.npos) return std::nullopt;
    return ProcPath{path.substr(0, first), path.substr(first + 1, second - first - 1), parameter};
}

Error unknown_path(std::string_view path) {
    return {Errc::not_found, "there is no " + std::string(path) + " here"};
}

Result<std::string> value_of(
    const MgsState& mgs, std::string_view directory, std::string_view parameter, const std::string& key
) {
    if (auto stored = FakeTargets::conf_param(mgs, key)) return *std::move(stored);
    for (const auto& row : defaults) {
        if (row.directory == directory && row.parameter == parameter) return std::string(row.value);
    }
    return Error{Errc::not_found, "the parameter " + key + " is not set and has no default"};
}

}  // namespace

Result<std::string> read_proc(const FakeTargets& targets, const std::string& fqdn, std::string_view path) {
    const auto parts = split(path);
    const ProcDirectory* directory = nullptr;
    for (const auto& row : directories) {
        if (parts && row.directory == parts->directory) directory = &row;
    }
    if (directory == nullptr) return unknown_path(path);
    const auto label = directory->suffixed ? fsname_of_label(parts->target) : parts->target;
    if (kind_of_label(label) != directory->kind) return unknown_path(path);
    const auto serial = targets.started_here(fqdn, label);
    if (serial.empty()) {
        return Error{
            Errc::conflict,
            std::string(label) + " is not started on " + fqdn + ", so it has no parameters there"};
    }
    const auto* mgs = targets.mgs_of_target(serial);
    if (mgs == nullptr)
        return Error{Errc::not_found, "the management server of " + std::string(label) + " is gone"};
    const auto key =
        std::string(label) + "." + std::string(directory->subsystem) + "." + std::string(parts->parameter);
    return value_of(*mgs, parts->directory, parts->parameter, key);
}

Result<std::string> read_proc(const FakeTargets& targets, const FakeClient& client, std::string_view path) {
    if (!path.starts_with(client_root) || path.size() == client_root.size()) return unknown_path(path);
    const auto parameter = path.substr(client_root.size());
    if (parameter.find('/') != parameter.npos) return unknown_path(path);
    if (client.mounts().size() != 1) {
        return Error{
            Errc::conflict, client.mounts().empty()
                                ? "nothing is mounted on client " + client.address()
                                : "more than one filesystem is mounted on " + client.address()};
    }
    const auto& [mgsspec, fsname] = client.mounts().front();
    const auto* mgs = targets.find_mgs(mgsspec);
    if (mgs == nullptr) return Error{Errc::not_found, "no management server answers at " + mgsspec};
    return value_of(*mgs, "llite", parameter, fsname + ".llite." + std::string(parameter));
}

}  // namespace csim
