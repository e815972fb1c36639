// Tells a person how far long work has come: a bar on a terminal, plain lines otherwise.
#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <ostream>
#include <string>

namespace csim {

/// Draws on `out`. On a terminal one line is redrawn; elsewhere a line is written at each tenth of the way.
class Progress {
  public:
    Progress(std::ostream& out, bool terminal, std::string label, std::uint64_t total);

    /// `elapsed` is the time since the work began; it gives the rate and the time that remains.
    void show(std::uint64_t done, Duration elapsed);
    /// Ends the line. Later calls do nothing.
    void finish(const std::string& sentence);

  private:
    std::string line(std::uint64_t done, Duration elapsed) const;

    std::ostream& out_;
    bool terminal_;
    std::string label_;
    std::uint64_t total_;
    std::uint64_t tenths_shown_ = 0;
    bool finished_ = false;
};

/// True if the standard error is a terminal that can redraw a line.
bool stderr_is_terminal();

}  // namespace csim
