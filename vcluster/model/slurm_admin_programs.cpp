// sinfo and scontrol.
#include "vcluster/host_list.hpp"
#include "vcluster/model/slurm_columns.hpp"

#include <algorithm>
#include <cctype>
#include <csignal>
#include <functional>

namespace csim::model {
namespace {

int sinfo(Call& call) {
    const Options options = parse_options(call.arguments, "Nho:Rn:");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    SlurmCtld* controller = controller_of(call.node);
    if (controller == nullptr)
        return call.fail(1, "slurm_load_partitions: Unable to contact slurm controller (connect failure)");
    const bool reasons = options.has("R"), each_node = options.has("N");
    std::string format = options.value(
        "o", reasons     ? "%20E %9u %19H %N"
             : each_node ? "%N %.5D %.9P %T"
                         : "%9P %.5a %.10l %.6D %.6t %N"
    );
    std::map<std::string, std::vector<std::string>> groups;
    std::map<std::string, std::string> why;
    for (auto& [name, node] : controller->nodes()) {
        if (reasons && node.reason.empty()) continue;
        const std::string state = controller->state_of(node);
        groups[each_node || reasons ? name : state].push_back(name);
        why[name] = node.reason;
    }
    const auto line = [&](const std::vector<std::string>& nodes, const std::string& state) {
        return formatted(format, [&](char letter) -> std::optional<std::string> {
            switch (letter) {
                case 'N':
                    return nodes.empty() ? "NODELIST" : compress_hosts(nodes);
                case 'T':
                case 't':
                    return nodes.empty() ? "STATE" : state;
                case 'D':
                    return nodes.empty() ? "NODES" : std::to_string(nodes.size());
                case 'P':
                    return nodes.empty() ? "PARTITION" : controller->conf().partition + "*";
                case 'a':
                    return nodes.empty() ? "AVAIL" : "up";
                case 'l':
                    return nodes.empty() ? "TIMELIMIT" : "infinite";
                case 'E':
                    return nodes.empty() ? "REASON" : why[nodes[0]];
                case 'u':
                    return nodes.empty() ? "USER" : "root";
                case 'H':
                    return nodes.empty() ? "TIMESTAMP" : "Unknown";
                case 'c':
                    return nodes.empty() ? "CPUS"
                                         : std::to_string(controller->nodes().at(nodes[0]).line.cpus);
                default:
                    return std::nullopt;
            }
        });
    };
    if (!line({}, "")) return option_not_modelled(call, format);
    if (!options.has("h")) call.say(*line({}, "") + "\n");
    for (const auto& [key, nodes] : groups)
        call.say(*line(nodes, controller->state_of(controller->nodes().at(nodes[0]))) + "\n");
    return 0;
}

void show_job(Call& call, const SlurmJob& job) {
    call.say(
        "JobId=" + std::to_string(job.id) + " JobName=" + job.name +
        "\n   UserId=" + job_cell(call, job, 'u') + "(" + job_cell(call, job, 'U') +
        ")\n   JobState=" + job_cell(call, job, 'T') + " Reason=" + job.reason +
        "\n   ExitCode=" + std::to_string(job.status) + ":" + std::to_string(job.signal) +
        "\n   RunTime=" + job_cell(call, job, 'M') + " TimeLimit=" + job_cell(call, job, 'l') +
        "\n   SubmitTime=" + time_cell(job.submitted) + "\n   StartTime=" + time_cell(job.started) +
        " EndTime=" + time_cell(job.ended) + "\n   Partition=" + job.partition +
        "\n   NodeList=" + (job.nodes.empty() ? "(null)" : compress_hosts(job.nodes)) +
        "\n   NumNodes=" + job_cell(call, job, 'D') + " NumCPUs=" + job_cell(call, job, 'C') +
        "\n   WorkDir=" + job.folder + "\n   StdOut=" +
        (job.out.empty() ? job.folder + "/slurm-" + std::to_string(job.id) + ".out" : job.out) + "\n\n"
    );
}

int scontrol(Call& call) {
    const Options options = parse_options(call.arguments, "o");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    const auto& words = options.operands;
    SlurmCtld* controller = controller_of(call.node);
    if (!words.empty() && words[0] == "ping") {
        const auto conf = slurm_conf_of(call.node, call.env);
        call.say(
            "Slurmctld(primary) at " + (conf ? conf->controller : "?") + " is " +
            (controller != nullptr ? "UP" : "DOWN") + "\n"
        );
        return controller != nullptr ? 0 : 1;
    }
    if (controller == nullptr)
        return call.fail(1, "slurm_load error: Unable to contact slurm controller (connect failure)");
    if (words.size() >= 2 && words[0] == "show" && words[1] == "job") {
        const SlurmJob* one = words.size() > 2 ? controller->find(std::atoi(words[2].c_str())) : nullptr;
        if (words.size() > 2 && one == nullptr)
            return call.fail(1, "slurm_load_jobs error: Invalid job id specified");
        for (auto& [id, job] : controller->jobs())
            if (one == nullptr || one == job.get()) show_job(call, *job);
        return 0;
    }
    if (words.size() >= 2 && words[0] == "show" && words[1] == "node") {
        for (auto& [name, node] : controller->nodes()) {
            if (words.size() > 2 && words[2] != name) continue;
            std::string state = controller->state_of(node);
            std::transform(state.begin(), state.end(), state.begin(), [](unsigned char c) {
                return std::toupper(c);
            });
            call.say(
                "NodeName=" + name + " CPUTot=" + std::to_string(node.line.cpus) +
                "\n   NodeAddr=" + node.line.address + "\n   State=" + state +
                (node.reason.empty() ? "" : "\n   Reason=" + node.reason) + "\n\n"
            );
        }
        return 0;
    }
    if (!words.empty() && words[0] == "shutdown") {
        for (Slurmd* each : call.world.daemons<Slurmd>()) call.world.signal(*each->self, SIGTERM);
        call.world.signal(*controller->self, SIGTERM);
        return 0;
    }
    if (words.size() >= 3 && words[0] == "update") {
        std::string name, state, why;
        for (const std::string& word : words) {
            std::string lower = word.substr(0, word.find('='));
            std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
                return std::tolower(c);
            });
            const std::string value = word.substr(word.find('=') + 1);
            if (lower == "nodename") name = value;
            if (lower == "state") state = value;
            if (lower == "reason") why = value;
        }
        std::transform(state.begin(), state.end(), state.begin(), [](unsigned char c) {
            return std::tolower(c);
        });
        for (const std::string& each : expand_hosts(name)) {
            const auto found = controller->nodes().find(each);
            if (found == controller->nodes().end())
                return call.fail(1, "slurm_update error: Invalid node name specified");
            found->second.state = state == "resume" || state == "idle" ? "idle"
                                  : state == "drain"                   ? "drained"
                                                                       : "down";
            found->second.reason = found->second.state == "idle" ? "" : why.empty() ? "none" : why;
        }
        controller->schedule();
        return 0;
    }
    return option_not_modelled(call, words.empty() ? "" : words[0]);
}

const Program rows[] = {{"scontrol", scontrol}, {"sinfo", sinfo}};

}  // namespace

std::span<const Program> slurm_admin_programs() {
    return rows;
}

}  // namespace csim::model
