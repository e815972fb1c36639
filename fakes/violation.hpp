// A broken promise of the simulated world, found by the objects' own checks.
#pragma once

#include <string>

namespace csim {

/// `invariant` is the number the specification gives it, such as `I-13`.
struct Violation {
    std::string invariant;
    std::string sentence;
};

}  // namespace csim
