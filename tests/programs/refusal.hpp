// What a refusal looks like: one sentence on standard error and a status.
#pragma once

#include "tests/programs/stage.hpp"

#include <string>
#include <vector>

namespace csim {

constexpr int failure = 1;
constexpr int usage = 2;

struct Refusal {
    Words words;  ///< arguments of cluster-sim
    int status;
    std::string says;  ///< a part of the sentence
};

/// Checks status, sentence, and that nothing but a ready line was printed.
void check_refused(const Ended& ended, const Refusal& expected);

/// Runs all of them in `folder`, many at once, and checks each.
void check_all(const std::vector<Refusal>& table, const std::filesystem::path& folder);

}  // namespace csim
