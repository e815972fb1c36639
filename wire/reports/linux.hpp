// What the `linux` device plugin reports: the block devices a server sees.
// Source: the reference's linux plugin; a real agent adds zfspools, zfsdatasets, zfsvols and emcpower.
#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace csim {

struct BlockDevice {
    std::string major_minor;
    std::string path;
    std::optional<std::string> serial_80;
    std::optional<std::string> serial_83;
    std::int64_t size = 0;  ///< bytes
    std::optional<std::string> filesystem_type;
    std::optional<std::string> parent;  ///< major:minor of the whole device of a partition
    std::optional<std::int64_t> partition_number;

    bool operator==(const BlockDevice&) const = default;
};
BOOST_DESCRIBE_STRUCT(
    BlockDevice, (),
    (major_minor, path, serial_80, serial_83, size, filesystem_type, parent, partition_number)
)

/// Keyed by major:minor.
using BlockDevices = std::map<std::string, BlockDevice>;

/// The kinds of device that no simulated server has; written as `{}`.
struct NoDevices {
    bool operator==(const NoDevices&) const = default;
};
BOOST_DESCRIBE_STRUCT(NoDevices, (), ())

struct LinuxReport {
    std::shared_ptr<const BlockDevices> devs;  ///< shared between reports as long as nothing changed
    NoDevices mpath, lvs, vgs, mds, local_fs;
};
BOOST_DESCRIBE_STRUCT(LinuxReport, (), (devs, mpath, lvs, vgs, mds, local_fs))

}  // namespace csim
