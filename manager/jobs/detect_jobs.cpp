// DetectTargetsJob: finds file systems that somebody else made, to watch them.
// Source: the manager API, §3.7.15.
#include "manager/jobs/detected_targets.hpp"
#include "manager/jobs/job_parts.hpp"

#include <nlohmann/json.hpp>

namespace csim {

namespace {

using namespace parts;
using Detected = std::shared_ptr<DetectedTargetSet>;

/// The hosts that the job's arguments name, those that are left of them.
std::vector<const HostRow*> hosts_of_job(const Model& model, const JobRow& job) {
    std::vector<const HostRow*> hosts;
    const Json args = Json::parse(job.args, nullptr, false);
    const Json named = args.is_object() ? args.value("hosts", Json::array()) : Json::array();
    for (const Json& id : named) {
        const HostRow* host = id.is_number_integer() ? model.hosts.find(id.get<std::int64_t>()) : nullptr;
        if (host != nullptr) hosts.push_back(host);
    }
    if (hosts.empty()) throw StepsImpossible("the hosts are gone");
    return hosts;
}

Json devices_of(const Model& model, std::int64_t host) {
    Json devices = Json::array();
    for (std::int64_t id : model.nodes_of_host(host)) {
        const std::string& path = model.volume_nodes.at(id).path;
        devices.push_back({{"path", path}, {"type", "linux"}, {"uuid", nullptr}});
    }
    return Json{{"target_devices", std::move(devices)}};
}

/// The devices are those that the scan before has found.
StepSpec detect_step(const HostRow& host, const Detected& detected) {
    auto run = [id = host.id, fqdn = host.fqdn, detected](StepRun& step) {
        step.raw(
            fqdn, "detect_scan", devices_of(step.model(), id),
            [&step, id, detected](const Json& result) {
                detected->add(id, result);
                step.succeed();
            }
        );
    };
    return {"DetectScanStep", host_args(host), std::move(run)};
}

std::vector<StepSpec> detect_steps(const Model& model, const JobRow& job) {
    std::vector<StepSpec> steps;
    auto detected = std::make_shared<DetectedTargetSet>();
    const auto hosts = hosts_of_job(model, job);
    for (const HostRow* host : hosts)
        steps.push_back(
            scan_step("UpdateDevicesStep", *host, {"linux", "linux_network", "simulator_controller"})
        );
    for (const HostRow* host : hosts) steps.push_back(detect_step(*host, detected));
    steps.push_back({"LearnTargetsStep", "{}", [detected](StepRun& step) {
                         step.note(detected->learn(step.model()));
                         step.succeed();
                     }});
    return steps;
}

std::string describe(const Model&, ObjectRef) {
    return "Scan for Lustre targets";
}

}  // namespace

const std::vector<JobClass>& detect_job_classes() {
    static const std::vector<JobClass> classes = [] {
        JobClass row;
        row.name = "DetectTargetsJob";
        row.acts_on = Kind::host;
        row.long_description = "Look for file systems that were made without this manager, to watch them.";
        row.describe = describe;
        row.steps = detect_steps;
        row.argument = "hosts";
        return std::vector<JobClass>{row};
    }();
    return classes;
}

}  // namespace csim
