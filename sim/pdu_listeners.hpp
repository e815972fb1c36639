// The telnet ports of the power strips.
#pragma once

#include "core/event_loop.hpp"
#include "fakes/pdu_menu.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace csim {

class ByteServer;

struct PduListenerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t base_port = 2300;     ///< strip n listens at this plus n; 0: each at any free port
    std::optional<PduAccount> account;  ///< absent: every name and password will do
};

/// One listener a strip, any number of clients each. A session ends after a minute of silence. A strip that
/// is added later listens too: at its own port, or at any free one when that is taken; `pdu_list` tells
/// which.
class PduListeners {
  public:
    /// Binds at once and writes the ports into the strips. Throws Fatal, with one sentence that says what to
    /// do, when a port cannot be had. All outlive this.
    PduListeners(Inbox& inbox, FakePower& power, const FakesContext& context, PduListenerOptions options);
    ~PduListeners();
    PduListeners(const PduListeners&) = delete;
    PduListeners& operator=(const PduListeners&) = delete;

  private:
    void open(PowerStrip& strip, std::uint16_t port);

    Inbox& inbox_;
    FakePower& power_;
    FakesContext context_;
    PduListenerOptions options_;
    std::vector<std::unique_ptr<ByteServer>> servers_;
};

}  // namespace csim
