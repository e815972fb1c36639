// Where the limit lies: which size to try next, and how sure the answer is. Pure.
#pragma once

#include <map>
#include <optional>
#include <vector>

namespace csim {

struct SearchOptions {
    int start = 8;             ///< the first size
    int granularity = 1;       ///< sizes are multiples of this
    int max = 1024;            ///< no size above is tried
    int repeats = 3;           ///< trials that settle a size, by majority; odd
    double resolution = 0.05;  ///< stop when the bracket is this part of the limit
    bool linear = false;       ///< the original's way: start, 2 start, 3 start, … until the first failure
    int trials_max = 40;
};

/// What the trials say.
struct LimitEstimate {
    int value = 0;            ///< the greatest size that passed; 0 if none did
    int low = 0;              ///< with `high`: where the limit is, with 95 of 100 parts of belief
    std::optional<int> high;  ///< absent: nothing failed, so the limit is beyond what was tried
};

/// Grows by doubling until a size fails, then halves the bracket. A size in the bracket is tried until most
/// of `repeats` trials agree, and so are the bracket's two ends at last; an end that does not hold opens the
/// bracket again.
class LimitSearch {
  public:
    explicit LimitSearch(SearchOptions options);

    /// The size to try next; nullopt when the search is over.
    std::optional<int> next() const;
    void report(int size, bool passed);

    LimitEstimate estimate() const;
    int trials() const { return trials_; }
    bool failed_once() const;
    const SearchOptions& options() const { return options_; }

  private:
    struct Votes {
        int passed = 0, failed = 0;
    };
    bool settled(const Votes& votes) const;
    int rounded(double size) const;
    std::optional<int> next_linear() const;
    int greatest_passed_below(std::optional<int> bound) const;
    std::optional<int> least_failed() const;

    SearchOptions options_;
    std::map<int, Votes> votes_;
    int trials_ = 0;
    int last_ = 0;
};

}  // namespace csim
