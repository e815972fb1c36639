// JSON lists as arguments of `cluster-sim ctl`.
#pragma once

#include <string>
#include <vector>

namespace csim {

/// The words of a `ctl` command line with a blank before each `[…]`: CLI11 takes such words apart, and JSON
/// does not mind the blank. Other command lines stay as they are.
std::vector<std::string> whole_lists(std::vector<std::string> words);
/// The word as it was typed.
std::string as_typed(const std::string& word);

}  // namespace csim
