// What a server offers to be a volume: leaf block devices, and what is built from others.
// Source: the manager API, §4.2 points 1 to 4.
#pragma once

#include "core/json.hpp"
#include "wire/reports/linux.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace csim {

/// A device as a volume: what makes it the same drive elsewhere, and how people call it.
struct Drive {
    std::string key;
    std::string label;
    std::string path;
    std::int64_t size_bytes = 0;
    std::string filesystem_type;
    bool has_serial = false;
};

/// `sections` is the report as it arrived, for the kinds of devices that only real servers have; null: none.
/// Parts of it that are not as they must be are taken as empty.
std::vector<Drive> offered_drives(std::int64_t host, const BlockDevices& devices, const Json& sections);

}  // namespace csim
