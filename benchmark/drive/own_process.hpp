// What this process itself uses.
#pragma once

#include "benchmark/measure/interval.hpp"

namespace csim {

class OwnProcess {
  public:
    OwnProcess();
    /// `now` is any clock's seconds; the CPU's share is since the last call.
    OwnReading read(double now);

  private:
    double last_ = 0;
    double cpu_ = 0;
};

}  // namespace csim
