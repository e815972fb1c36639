// The operation table for people: as plain text, and as the page docs/control.md.
#pragma once

#include <string>

namespace csim {

/// One signature a line, each followed by its help.
std::string operations_text();
/// The whole of docs/control.md.
std::string operations_markdown();

}  // namespace csim
