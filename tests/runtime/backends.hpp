// The backends that the conformance suite runs over.
#pragma once

#include "tests/runtime/bench.hpp"

namespace csim {

struct Backend {
    const char* name;
    std::unique_ptr<RuntimeBench> (*make)();
    std::string (*why_not)();  ///< empty: it can be used here
};

std::vector<Backend> backends();

}  // namespace csim
