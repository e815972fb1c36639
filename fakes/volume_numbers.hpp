// How volumes are named and numbered.
// Source: the behaviour specification, §2.3. Differs: major:minor never wraps around.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace csim {

/// `FAKEDEVICE%03d`.
std::string volume_serial(std::int64_t number);
/// The number of such a serial; nothing for a serial that somebody else made up.
std::optional<std::int64_t> volume_number(std::string_view serial);
/// Major 8 upwards, 256 minors each.
std::string volume_major_minor(std::int64_t number);

}  // namespace csim
