// Is a text one JSON value that later parsing cannot choke on? Checked once, when a file is read, without
// building it.
#pragma once

#include "core/result.hpp"

#include <string_view>

namespace csim {

/// Errors: corrupt, detail "line 3 column 14: <what>". No limit of size: state folders hold what they hold.
Result<Nothing> check_json(std::string_view text);

}  // namespace csim
