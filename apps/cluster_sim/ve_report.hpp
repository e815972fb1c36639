// The experiment's figures for programs, and as a page with charts.
#pragma once

#include "runtime/ve/experiment.hpp"

#include <string>
#include <vector>

namespace csim {

std::string outcome_json(const VeOutcome& outcome);
std::string info_json(const std::vector<SeenEnvironment>& seen);
/// Keys `total`, `complete`, `incomplete`, `no_log`, `with_pid`, `disk_bytes`, `boot_ms`, `reply_ms`.
std::string stats_json(const ExperimentFigures& figures);

/// One self-contained file. Throws Fatal when it cannot be written.
void write_page(
    const std::string& file, const ExperimentFigures& figures, const std::vector<SeenEnvironment>& seen,
    const std::string& folder, int pings
);

}  // namespace csim
