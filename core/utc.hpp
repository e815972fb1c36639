// Simulated instants as UTC text, and back.
#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <string>
#include <string_view>

namespace csim {

/// `2026-11-21T01:28:12.753437+00:00`: microseconds, always six digits.
std::string utc_text(SimTime at);
/// The same with the doubled suffix `+00:00Z` that the original agents put on the wire.
std::string utc_text_z(SimTime at);
/// `2026-11-21T01:28:12.753437`, without fraction when it is zero: how the REST API writes instants.
std::string utc_text_bare(SimTime at);
/// `2026-11-21 01:28:12+00:00`: copytool events.
std::string utc_text_seconds(SimTime at);

/// As utc_text, with nine digits where six would lose nanoseconds: saved state.
std::string utc_text_exact(SimTime at);

/// The tolerant grammar of the manager: date and time by the last match, zone optional, `Z` ignored,
/// fraction of at most six digits. Fails with bad_argument.
Result<SimTime> parse_utc(std::string_view text);
/// The same with a fraction of at most nine digits: reads back what utc_text_exact wrote.
Result<SimTime> parse_utc_exact(std::string_view text);

}  // namespace csim
