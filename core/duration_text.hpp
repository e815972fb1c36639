// Spans of time as people write them: "250ms", "10s", "1h30m".
#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <string>
#include <string_view>

namespace csim {

/// The number in the largest unit of h, m, s, ms, us, ns that divides it exactly; zero is "0s". Round-trips.
std::string duration_text(Duration span);

/// One or more numbers with units d, h, m, s, ms, us, ns, largest first, each unit once; decimals as in
/// "1.5s" as long as nothing is lost below a nanosecond; a leading minus for the whole. Fails with
/// bad_argument.
Result<Duration> parse_duration(std::string_view text);

}  // namespace csim
