// How runs are shown: as the original daemons and its query tool print them, and as a page.
#pragma once

#include "vcluster/tada/run.hpp"

namespace csim {

/// Lines of a finished run as the daemon of the first or of the second form prints them, without the log's
/// prefix. Times are local.
std::vector<std::string> tada_daemon_lines(const TadaRun& run, bool with_id, bool color);
/// As the query tool prints them.
std::string tada_query_text(const TadaRun& run, bool color);
Json tada_json(const TadaRun& run);
/// A page of its own with all of them, the last first.
std::string tada_page(const std::vector<TadaRun>& runs);

/// `YYYY-MM-DD HH:MM:SS` of this machine's time zone; `-` for 0.
std::string local_time_text(std::int64_t seconds);
/// `YYYY-MM-DD HH:MM:SS,mmm <logger> <level> ` as the daemons of both forms write it.
std::string tada_log_prefix(SimTime at, const std::string& logger, const std::string& level, bool first_form);

}  // namespace csim
