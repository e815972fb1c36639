// What every fake of one world is given.
#pragma once

#include "core/rng.hpp"
#include "core/timeline.hpp"
#include "core/trace.hpp"
#include "state/document.hpp"

namespace csim {

struct FakesContext {
    Documents& documents;
    Timeline& timeline;
    Rng run;  ///< the run's own; fakes draw from named streams of it
    Trace& trace;
};

}  // namespace csim
