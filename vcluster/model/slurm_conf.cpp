#include "vcluster/host_list.hpp"
#include "vcluster/model/slurm.hpp"

#include <algorithm>
#include <array>
#include <sstream>

namespace csim::model {
namespace {

/// Known, and of no effect here.
constexpr std::array<std::string_view, 21> idle_keys{
    "AuthType",
    "SlurmUser",
    "SlurmdUser",
    "ProctrackType",
    "TaskPlugin",
    "JobAcctGatherType",
    "JobAcctGatherFrequency",
    "MpiDefault",
    "SwitchType",
    "SchedulerType",
    "SchedulerParameters",
    "SelectType",
    "SelectTypeParameters",
    "AccountingStorageType",
    "JobCompType",
    "InactiveLimit",
    "SlurmctldTimeout",
    "Waittime",
    "SlurmdParameters",
    "MailProg",
    "PlugStackConfig"};

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs_of(const std::string& line) {
    Pairs all;
    std::istringstream words(line);
    for (std::string word; words >> word;) {
        const auto equals = word.find('=');
        all.emplace_back(word.substr(0, equals), equals == std::string::npos ? "" : word.substr(equals + 1));
    }
    return all;
}

std::string value_of(const Pairs& pairs, std::string_view key, const std::string& otherwise = "") {
    for (const auto& [name, value] : pairs)
        if (name == key) return value;
    return otherwise;
}

void read_nodes(SlurmConf& conf, const Pairs& pairs) {
    for (const std::string& name : expand_hosts(value_of(pairs, "NodeName"))) {
        SlurmConf::NodeLine line;
        line.name = name;
        line.address = value_of(pairs, "NodeAddr", name);
        line.cpus = std::max(1, std::atoi(value_of(pairs, "CPUs", "1").c_str()));
        conf.nodes.push_back(line);
    }
}

void read_partition(SlurmConf& conf, const Pairs& pairs) {
    conf.partition = value_of(pairs, "PartitionName", "debug");
    const std::string sharing = value_of(pairs, "OverSubscribe", "NO");
    conf.exclusive = sharing == "EXCLUSIVE";
    const auto colon = sharing.find(':');
    if (sharing.starts_with("FORCE"))
        conf.sharing = colon == std::string::npos ? 4 : std::max(1, std::atoi(sharing.c_str() + colon + 1));
}

/// False: no such key.
bool read_key(SlurmConf& conf, const std::string& key, const std::string& value) {
    const auto seconds = [&] { return Duration(std::chrono::seconds(std::atoi(value.c_str()))); };
    if (key == "ClusterName")
        conf.cluster = value;
    else if (key == "SlurmctldHost" || key == "ControlMachine") {
        const auto open = value.find('(');
        conf.controller = value.substr(0, open);
        if (open != std::string::npos)
            conf.controller_address = value.substr(open + 1, value.size() - open - 2);
    } else if (key == "SlurmctldPort")
        conf.controller_port = std::atoi(value.c_str());
    else if (key == "SlurmdPort")
        conf.slurmd_port = std::atoi(value.c_str());
    else if (key == "SlurmctldPidFile")
        conf.controller_pid = value;
    else if (key == "SlurmdPidFile")
        conf.slurmd_pid = value;
    else if (key == "SlurmctldLogFile")
        conf.controller_log = value;
    else if (key == "SlurmdLogFile")
        conf.slurmd_log = value;
    else if (key == "SlurmdSpoolDir")
        conf.spool = value;
    else if (key == "StateSaveLocation")
        conf.state = value;
    else if (key == "KillWait")
        conf.kill_wait = seconds();
    else if (key == "MinJobAge")
        conf.min_job_age = seconds();
    else if (key == "SlurmdTimeout")
        conf.slurmd_timeout = seconds();
    else if (key == "ReturnToService")
        conf.return_to_service = std::atoi(value.c_str());
    else if (key == "SlurmctldDebug" || key == "SlurmdDebug")
        return true;
    else
        return std::find(idle_keys.begin(), idle_keys.end(), key) != idle_keys.end();
    return true;
}

}  // namespace

Result<SlurmConf> read_slurm_conf(const std::string& text) {
    SlurmConf conf;
    std::istringstream lines(text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        const Pairs pairs = pairs_of(line.substr(0, line.find('#')));
        if (pairs.empty()) continue;
        const auto& [key, value] = pairs[0];
        if (key == "NodeName")
            read_nodes(conf, pairs);
        else if (key == "PartitionName")
            read_partition(conf, pairs);
        else if (!read_key(conf, key, value))
            return Error{
                Errc::bad_argument,
                "Parsing error at unrecognized key: " + key + " (line " + std::to_string(number) + ")"};
    }
    if (conf.controller.empty()) return Error{Errc::bad_argument, "SlurmctldHost not configured"};
    if (conf.nodes.empty()) return Error{Errc::bad_argument, "no nodes configured"};
    return conf;
}

Result<SlurmConf> slurm_conf_of(Node& node, const Environment& env) {
    const auto given = env.find("SLURM_CONF");
    const std::string path = given == env.end() ? "/etc/slurm/slurm.conf" : given->second;
    if (!node.exists(path)) return Error{Errc::not_found, "Unable to open file " + path};
    return read_slurm_conf(node.text_of(path));
}

SlurmCtld* controller_of(Node& node) {
    const auto conf = slurm_conf_of(node, {});
    if (!conf) return nullptr;
    const std::string address =
        conf->controller_address.empty() ? node.resolve(conf->controller) : conf->controller_address;
    Node* there = node.world.at_address(address);
    if (there == nullptr || !node.world.linked(node, *there)) return nullptr;
    return there->ports.contains(conf->controller_port) ? there->daemon<SlurmCtld>() : nullptr;
}

std::span<const Program> slurm_programs() {
    static const std::vector<Program> all = [] {
        std::vector<Program> rows;
        for (const auto part :
             {slurm_daemon_programs(), slurm_user_programs(), slurm_admin_programs(), slurm_queue_programs()})
            rows.insert(rows.end(), part.begin(), part.end());
        return rows;
    }();
    return all;
}

}  // namespace csim::model
