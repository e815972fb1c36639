// A run's phases as rows for other programs, and which of them were slow.
#pragma once

#include "runtime/lifecycle/lifecycle.hpp"

namespace csim {

/// Marks phases that took ten times the median of those of their kind that had ended before, and more than
/// five seconds. How many there are.
std::uint64_t mark_slow(LifecycleReport& report);

/// `name,phase,start_ns,end_ns,result,resource` and a row for each phase of each instance; one row without a
/// phase for each that was never begun. Times are since 1970.
std::string csv_text(const LifecycleReport& report);

inline constexpr char jmeter_header[] = "timeStamp,elapsed,label,responseCode,success\n";
/// Rows below that header: milliseconds since 1970, milliseconds, the phase, nothing, true or false.
std::string jmeter_rows(const LifecycleReport& report);

/// Events for viewers of Chrome's traces: a span for each phase, in one lane for each slot of the window.
/// Microseconds since the first phase began.
std::string chrome_trace(const LifecycleReport& report);

}  // namespace csim
