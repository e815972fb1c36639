// The report as one page that needs nothing beside itself: no script, no network, dark and print included.
#pragma once

#include "core/json.hpp"

#include <string>

namespace csim {

/// `report` is what report_json() made, or was read from a file: members that are missing are left out.
std::string html_report(const Json& report);

}  // namespace csim
