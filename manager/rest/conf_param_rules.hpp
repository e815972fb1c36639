// Which configuration parameters there are, and which values they take.
// Source: the manager API, §2.16.
#pragma once

#include "core/json.hpp"
#include "manager/jobs/conf_params.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace csim::conf_params {

/// What a parameter belongs to: MDT, OST or Filesystem.
using Level = std::string_view;

/// All keys of a level, in order.
std::vector<std::string> keys(Level level);

/// The values in `given`, an object or null. Throws RestStop 400 `{"conf_params": {"<key>": ["<why>"]}}`.
Values parse(const Json& given, Level level);

/// Every key of the level with its value or null.
Json to_json(const Params& params, Level level);

}  // namespace csim::conf_params
