// The page of a time line, with a place for its data.
#pragma once

#include <string>

namespace csim {

/// Self-contained HTML; the text `/*DATA*/null` is to be replaced by the data as JSON.
const std::string& time_line_page();

}  // namespace csim
