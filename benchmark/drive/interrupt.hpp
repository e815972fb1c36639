// Ctrl-C, as something that waiting code looks at.
#pragma once

namespace csim {

/// Counts SIGINT and SIGTERM from its construction on; the third ends the program at once. One at a time.
class Interrupt {
  public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;

    /// The user wants an end: once for an orderly one; twice also without cleaning up.
    bool requested() const;
    bool insisted() const;
};

}  // namespace csim
