// Targets and filesystems as they are saved.
#pragma once

#include "manager/model/rows.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace csim {

/// A host that can run the target, and where it sees the volume. The primary one comes first.
struct MountPart {
    std::int64_t host_id = 0;
    std::int64_t volume_node_id = 0;
    std::string path;
    bool primary = false;
};
BOOST_DESCRIBE_STRUCT(MountPart, (), (host_id, volume_node_id, path, primary))

/// A configuration parameter as it was last asked for. Versions rise over all parameters of one MGS.
struct ParamPart {
    std::optional<std::string> value;  ///< nothing: cleared
    std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(ParamPart, (), (value, version))
using Params = std::map<std::string, ParamPart>;

struct TargetRow {
    std::int64_t id = 0;
    Status status{"unformatted", {}, false};
    std::string kind;                ///< MGT, MDT or OST
    std::string name;                ///< MGS, testfs-MDT0000, …
    std::int64_t filesystem_id = 0;  ///< 0: an MGT
    std::int64_t index = 0;          ///< of MDTs and OSTs
    std::int64_t volume_id = 0;
    std::string volume_label;
    std::optional<std::string> uuid;      ///< since it was formatted
    std::optional<std::string> ha_label;  ///< since it was registered
    std::optional<std::int64_t> inode_size;
    std::optional<std::int64_t> inode_count;
    std::optional<std::int64_t> bytes_per_inode;
    bool reformat = false;
    std::vector<MountPart> mounts;
    std::optional<std::int64_t> active_host;
    Params params;
    std::int64_t params_version = 0;  ///< of an MGT: the newest version of any parameter
    std::int64_t params_applied = 0;  ///< of an MGT: what its MGS has been told
};
BOOST_DESCRIBE_STRUCT(
    TargetRow, (),
    (id, status, kind, name, filesystem_id, index, volume_id, volume_label, uuid, ha_label, inode_size,
     inode_count, bytes_per_inode, reformat, mounts, active_host, params, params_version, params_applied)
)

struct FilesystemRow {
    std::int64_t id = 0;
    Status status{"unavailable", {}, false};
    std::string name;
    std::int64_t mgt_id = 0;
    std::int64_t next_mdt = 0;  ///< index of the next one; never given twice
    std::int64_t next_ost = 0;
    Params params;
};
BOOST_DESCRIBE_STRUCT(FilesystemRow, (), (id, status, name, mgt_id, next_mdt, next_ost, params))

/// The host that runs the target if all is well.
inline std::int64_t primary_host(const TargetRow& target) {
    return target.mounts.empty() ? 0 : target.mounts.front().host_id;
}

}  // namespace csim
