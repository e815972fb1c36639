// The operation table for people: as plain text, and as the page docs/control.md.
#pragma once

#include "sim/control/introspection.hpp"

#include <span>
#include <string>

namespace csim {

/// One signature a line, each followed by its help.
std::string operations_text(std::span<const OperationNote> notes);
/// The whole of docs/control.md: the simulator's own operations, then those that are added to its port.
std::string operations_markdown(std::span<const OperationNote> own, std::span<const OperationNote> added);

}  // namespace csim
