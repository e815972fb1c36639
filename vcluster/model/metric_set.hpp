// Sets of metrics as samplers make them: schemas, plausible values, and how they are printed.
#pragma once

#include "core/rng.hpp"
#include "core/time.hpp"

#include <memory>
#include <string>
#include <vector>

namespace csim::model {

struct Metric {
    std::string name;
    std::string type = "u64";
    bool meta = false;
    std::string value = "0";
};

struct MetricSet {
    std::string instance, schema, producer;
    unsigned uid = 0, gid = 0;
    std::string perm = "-rwxrwxrwx";
    std::vector<Metric> metrics;
    bool consistent = false, local = true;
    SimTime updated{};
    Duration took{};

    Metric* find(const std::string& name);
};

/// Names of plug-ins that make sets.
bool is_sampler_plugin(const std::string& plugin);
bool is_store_plugin(const std::string& plugin);
std::string schema_of(const std::string& plugin);
/// The metrics of a plug-in, before the first sample. `slots` is for slurm_sampler.
std::vector<Metric> metrics_of(const std::string& plugin, const std::string& component, std::size_t slots);
/// New values, as time and chance have them.
void sample(MetricSet& set, SimTime now, Rng& rng);
/// An event of a job, into the arrays of a slurm_sampler's set.
void note_job(MetricSet& set, int job, const std::string& event, int nodes, int tasks);

/// The long format of ldms_ls, and a row of its table.
std::string long_text(const MetricSet& set);
std::string table_row(const MetricSet& set);
std::string table_head();
std::string table_foot(const std::vector<std::shared_ptr<MetricSet>>& sets);

}  // namespace csim::model
