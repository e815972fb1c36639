// Inputs made from others, by chance from a seed.
#pragma once

#include "core/rng.hpp"

#include <string>
#include <vector>

namespace csim::test {

/// One of `seeds`, changed in a few places. The same draws give the same input.
std::string mutated(Rng& rng, const std::vector<std::string>& seeds);

}  // namespace csim::test
