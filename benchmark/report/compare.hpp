// Two runs side by side, figure by figure, with what the difference is worth. Pure.
#pragma once

#include "core/json.hpp"

#include <boost/describe.hpp>

#include <string>
#include <vector>

namespace csim {

/// `better`, `worse`, `same` (the difference is within the uncertainty, or below 5 %), or `unclear` (one of
/// the two runs has no such figure, or too few samples).
struct Comparison {
    std::string figure;
    std::string unit;
    double a = 0, b = 0;
    double a_low = 0, a_high = 0;  ///< where the truth lies, 95 of 100 times
    double b_low = 0, b_high = 0;
    std::string verdict;
};
BOOST_DESCRIBE_STRUCT(Comparison, (), (figure, unit, a, b, a_low, a_high, b_low, b_high, verdict))

struct ComparedRuns {
    std::vector<Comparison> rows;
    std::vector<std::string> warnings;  ///< why the two may not be comparable
    bool any_worse() const;
};

/// `a` and `b` are reports as report_json() makes them. B is judged against A.
ComparedRuns compare_runs(const Json& a, const Json& b);

std::string comparison_text(const ComparedRuns& compared);

}  // namespace csim
