// Request targets as the front ends read them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace csim {

/// The path of `target` with repeated slashes collapsed, no query, and one slash at its end.
std::string canonical_path(std::string_view target);
/// What stands behind the `?`, or nothing.
std::string_view query_of(std::string_view target);
/// The first value called `name`, decoded: `%41` and `+` mean `A` and a space. Nothing if it is not there.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace csim
