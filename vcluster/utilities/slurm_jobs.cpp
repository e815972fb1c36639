#include "vcluster/utilities/slurm_jobs.hpp"

#include "vcluster/host_list.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace csim {
namespace {

constexpr char separator = '\x1f';
constexpr std::pair<const char*, const char*> columns[] = {
    {"%i", "JOBID"},  {"%j", "NAME"},      {"%u", "USER"},       {"%U", "UID"},        {"%t", "ST"},
    {"%T", "STATE"},  {"%P", "PARTITION"}, {"%D", "NODES"},      {"%C", "CPUS"},       {"%N", "NODELIST"},
    {"%r", "REASON"}, {"%M", "TIME"},      {"%l", "TIME_LIMIT"}, {"%S", "START_TIME"}, {"%Z", "WORK_DIR"}};

std::string trimmed(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return text;
}

ExecResult ask(Cluster& cluster, std::vector<std::string> command, const std::string& folder = "") {
    RunRequest request;
    request.command = std::move(command);
    request.folder = folder;
    request.limit = 60s;
    return cluster.run(cluster.service_node(), request);
}

}  // namespace

const std::vector<std::string>& ended_states() {
    static const std::vector<std::string> states{"COMPLETED", "CANCELLED", "FAILED",
                                                 "TIMEOUT",   "NODE_FAIL", "PREEMPTED",
                                                 "BOOT_FAIL", "DEADLINE",  "OUT_OF_MEMORY"};
    return states;
}

std::string squeue_format() {
    std::string format;
    for (const auto& [letter, name] : columns)
        format += (format.empty() ? "" : std::string(1, separator)) + letter;
    return format;
}

std::vector<JobFields> parse_jobs(const std::string& text) {
    std::vector<JobFields> jobs;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        JobFields job;
        std::istringstream fields(line);
        std::string value;
        for (const auto& [letter, name] : columns) {
            if (!std::getline(fields, value, separator)) value.clear();
            job[name] = value;
        }
        job["WORKDIR"] = job["WORK_DIR"];
        std::string names;
        for (const std::string& each : expand_hosts(job["NODELIST"]))
            names += (names.empty() ? "" : ",") + each;
        job["NODES_EXPANDED"] = names;
        jobs.push_back(std::move(job));
    }
    return jobs;
}

int parse_job_id(const std::string& text) {
    const std::string sentence = "Submitted batch job ";
    const auto found = text.find(sentence);
    const char* begin = text.data() + (found == std::string::npos ? 0 : found + sentence.size());
    int id = 0;
    std::from_chars(begin, text.data() + text.size(), id);
    return id;
}

int submit_job(Cluster& cluster, const std::string& script, const std::vector<std::string>& arguments) {
    if (!script.starts_with("/"))
        throw Fatal(
            "the script is an absolute path on the service node, not '" + script + "'",
            cluster_status::invalid
        );
    const auto slash = script.rfind('/');
    std::vector<std::string> command{"sbatch", "--parsable"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    command.push_back(script.substr(slash + 1));
    const ExecResult ran = ask(cluster, command, slash == 0 ? "/" : script.substr(0, slash));
    const int id = parse_job_id(ran.out);
    if (ran.status == 0 && id > 0) return id;
    throw Fatal("sbatch ended with " + std::to_string(ran.status) + ": " + trimmed(ran.err + ran.out));
}

std::vector<JobFields> list_jobs(Cluster& cluster, std::optional<int> id) {
    std::vector<std::string> command{"squeue", "-h", "-o", squeue_format()};
    if (id) command.insert(command.end(), {"-t", "all", "-j", std::to_string(*id)});
    const ExecResult ran = ask(cluster, command);
    if (ran.status == 0) return parse_jobs(ran.out);
    const bool unknown = ran.err.find("Invalid job id") != std::string::npos;
    throw Fatal(
        unknown ? "there is no job " + std::to_string(id.value_or(0))
                : "squeue ended with " + std::to_string(ran.status) + ": " + trimmed(ran.err),
        unknown ? cluster_status::not_found : cluster_status::failed
    );
}

void cancel_job(Cluster& cluster, int id) {
    const ExecResult ran = ask(cluster, {"scancel", std::to_string(id)});
    if (ran.status == 0) return;
    const bool unknown = ran.err.find("Invalid job id") != std::string::npos;
    throw Fatal(
        "scancel ended with " + std::to_string(ran.status) + ": " + trimmed(ran.err),
        unknown ? cluster_status::not_found : cluster_status::failed
    );
}

std::string wait_job(Cluster& cluster, int id, const std::vector<std::string>& states, Duration limit) {
    std::string state;
    const bool met = cluster.nodes().until(limit, [&] {
        const auto jobs = list_jobs(cluster, id);
        if (jobs.empty()) throw Fatal("there is no job " + std::to_string(id), cluster_status::not_found);
        state = jobs.front().at("STATE");
        return std::find(states.begin(), states.end(), state) != states.end();
    });
    if (!met) throw Fatal("job " + std::to_string(id) + " is still " + state, cluster_status::timeout);
    return state;
}

}  // namespace csim
