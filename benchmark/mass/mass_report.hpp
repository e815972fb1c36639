// What a run of mass connections leaves behind: JSON for programs, a summary and a page for people. Pure.
#pragma once

#include "connections/fleet/outcome.hpp"
#include "core/json.hpp"

#include <string>

namespace csim {

/// Keys `routine`, `verdict`, `figures`, `criteria`, `drops`, `failed_opens`, `closed_by_peer`,
/// `closed_by_us`, `latency`, `counts`, `series`, `lost`, `plan`, and more (docs/connections.md).
Json mass_report_json(const connections::Outcome& outcome);
std::string mass_summary(const connections::Outcome& outcome);
/// One page without scripts or links. `report` is what mass_report_json() made.
std::string mass_report_html(const Json& report);
/// A line for each second of a run.
std::string progress_line(const connections::Moment& moment, std::uint64_t connections);

/// Exit status: 0, or 1 when a criterion is not met or this program was the bottleneck.
int mass_status(const connections::Outcome& outcome);

}  // namespace csim
