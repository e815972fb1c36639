// The JSON value type and its forward declaration. Include <nlohmann/json.hpp> where values are made.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace csim {

using Json = nlohmann::json;

}  // namespace csim
