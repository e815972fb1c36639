// What storage controllers told of themselves when they were polled.
// Source: the manager API, §2.24.
#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace csim {

/// A LUN or a disk behind a controller. Numbers come from the same sequence as those of controllers.
struct StorageItemRow {
    std::int64_t id = 0;
    std::string class_name;           ///< Lun or Disk
    std::int64_t controller_row = 0;  ///< the storage resource of its controller
    std::string key;                  ///< the LUN's serial or the disk's WWID
    std::int64_t size_bytes = 0;
    std::vector<std::string> wwids;  ///< of a LUN: the disks it lies on
    std::string alias{};             ///< what a client calls it; empty: its own name
};
BOOST_DESCRIBE_STRUCT(StorageItemRow, (), (id, class_name, controller_row, key, size_bytes, wwids, alias))

}  // namespace csim
