// Where reports go. Everything is checked before a run and written after it.
#pragma once

#include "core/json.hpp"

#include <string>
#include <vector>

namespace csim {

struct OutputOptions {
    std::string json;    ///< file; empty: none
    std::string html;    ///< file
    std::string folder;  ///< of all evidence
};

/// Throws Fatal, with one sentence, for what cannot be written. Leaves no file that was not there.
void check_outputs(const OutputOptions& options);
/// Written aside and renamed, so that nobody reads half a report. Throws Fatal.
void write_outputs(const OutputOptions& options, const Json& report, const std::vector<std::string>& log);

}  // namespace csim
