// The second dialect's two ways of not repeating oneself: "!extends" and %ATTR%.
#pragma once

#include "vcluster/spec/checker.hpp"

namespace csim {

/// `whole` with every "!extends" replaced by the template overlaid by the object's own fields, then every
/// %ATTR% by the value of the nearest enclosing object's scalar ATTR, then `%%` by `%`. The templates
/// themselves are left out.
Json expand_extensions(const Json& whole, Checker& check);

}  // namespace csim
