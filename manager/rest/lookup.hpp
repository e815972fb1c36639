// Comparing a field's value with the text of a query parameter.
#pragma once

#include "core/json.hpp"
#include "manager/rest/resource.hpp"

#include <string>
#include <vector>

namespace csim {

/// True if `value` stands in the relation `lookup` to one of `operands` (`in`) or to the last one.
/// `True`, `false` and the like are booleans, `None` and the like null; instants compare as instants.
bool matches(
    const Json& value, FieldType type, const std::string& lookup, const std::vector<std::string>& operands
);

bool is_lookup(std::string_view word);

}  // namespace csim
