// The secret of a control port, as the command line gives it.
#pragma once

#include <string>

namespace csim {

/// `word`, or the first line of `file`; empty when neither was given. Throws Fatal with status 2 for a file
/// that cannot be read or begins with an empty line, and for a word that a header cannot carry.
std::string read_control_token(const std::string& word, const std::string& file);

}  // namespace csim
