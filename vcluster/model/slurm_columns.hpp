// Cells of the tables that Slurm's programs print.
#pragma once

#include "vcluster/model/slurm.hpp"

#include <functional>

namespace csim::model {

/// `2020-01-01T00:00:00`, or `N/A` for an instant that has not been.
std::string time_cell(SimTime at);
/// What squeue shows for a letter of its formats.
std::string job_cell(Call& call, const SlurmJob& job, char letter);
/// A format such as `%.18i %N`; `value` answers for a letter, an empty optional for an unknown one.
std::optional<std::string> formatted(
    const std::string& format, const std::function<std::optional<std::string>(char)>& value
);

}  // namespace csim::model
