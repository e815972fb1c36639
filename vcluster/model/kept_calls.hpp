// What was asked of simulated nodes, as it is kept.
#pragma once

#include "core/json.hpp"
#include "runtime/node_types.hpp"

namespace csim::model {

Json exec_json(const ExecSpec& spec);
Json file_json(const NodeFile& file);
/// Both throw what the JSON library throws.
ExecSpec exec_of(const Json& json);
NodeFile file_of(const Json& json);

}  // namespace csim::model
