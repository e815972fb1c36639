// Jobs of a cluster's Slurm, by what its own programs say.
#pragma once

#include "vcluster/cluster.hpp"

namespace csim {

/// One line of squeue, by the names of its columns (JOBID, NAME, STATE, NODELIST, WORK_DIR …). NODES_EXPANDED
/// has the node list as names separated by commas.
using JobFields = std::map<std::string, std::string>;

/// Submits a script of the service node, in its own folder. `arguments` go to sbatch before the script.
int submit_job(Cluster& cluster, const std::string& script, const std::vector<std::string>& arguments);
/// All jobs, or one. Throws Fatal with not_found for an unknown one.
std::vector<JobFields> list_jobs(Cluster& cluster, std::optional<int> id);
void cancel_job(Cluster& cluster, int id);
/// Waits until the job is in one of these states (long names) and returns which. Finished jobs count too.
std::string wait_job(Cluster& cluster, int id, const std::vector<std::string>& states, Duration limit);

/// Long names of the states that a job does not leave.
const std::vector<std::string>& ended_states();

/// What squeue printed, with 0x1f between the fields and `columns` naming them.
std::vector<JobFields> parse_jobs(const std::string& text);
/// The number in `4`, `4;cluster` or `Submitted batch job 4`; 0: none.
int parse_job_id(const std::string& text);
/// The format that parse_jobs() reads.
std::string squeue_format();

}  // namespace csim
