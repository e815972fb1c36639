// What is on disk about volumes and the Lustre targets on them: entries of `devices.json`.
// (`local_filesystems/<serial>` holds the type of a filesystem that is not Lustre's, a bare text.)
#pragma once

#include "core/time.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace csim {

/// `devices/<serial>`: one LUN.
struct VolumeState {
    std::string major_minor;
    std::optional<std::string> parent;
    std::optional<std::int64_t> partition_number;
    std::string serial_80;
    std::string serial_83;
    std::int64_t size = 0;  ///< bytes
};
BOOST_DESCRIBE_STRUCT(VolumeState, (), (major_minor, parent, partition_number, serial_80, serial_83, size))

/// `presentations/<group>`: all of these servers see all of these volumes. Volumes are ranges [first, last]
/// in order of their numbers, so that a SAN of any size is one short entry.
struct PresentationState {
    std::vector<std::string> servers;  ///< fqdns, ascending
    std::vector<std::pair<std::string, std::string>> volumes;
};
BOOST_DESCRIBE_STRUCT(PresentationState, (), (servers, volumes))

/// `targets/<serial>`: a Lustre target as mkfs wrote it on the volume.
struct TargetState {
    std::string label;
    std::string uuid;
    std::optional<std::string> fsname;  ///< null for a management target
    std::optional<std::int64_t> index;
    std::string backfstype;
    std::string mgsnode;  ///< text of the NID groups of its MGS; for a management target, its own
    std::optional<std::string> primary_nid;  ///< set by registration
    std::int64_t inode_count = 0;
    SimTime formatted_at;  ///< counters begin here
};
BOOST_DESCRIBE_STRUCT(
    TargetState, (), (label, uuid, fsname, index, backfstype, mgsnode, primary_nid, inode_count, formatted_at)
)

/// One label in an MGS's database.
struct RegistrationState {
    std::string serial;  ///< the volume that registered it
};
BOOST_DESCRIBE_STRUCT(RegistrationState, (), (serial))

/// `mgts/<key>`: the database of one management server.
struct MgsState {
    std::string serial;                          ///< the volume that holds it
    std::vector<std::vector<std::string>> nids;  ///< where it answers: one list per server that may run it
    std::map<std::string, RegistrationState> targets;
    std::map<std::string, std::string> conf_params;
};
BOOST_DESCRIBE_STRUCT(MgsState, (), (serial, nids, targets, conf_params))

}  // namespace csim
