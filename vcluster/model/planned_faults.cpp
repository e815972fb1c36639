#include "vcluster/model/planned_faults.hpp"

#include "core/duration_text.hpp"
#include "vcluster/model/model_runtime.hpp"

#include <csignal>

namespace csim::model {
namespace {

Error mistake(std::size_t number, const std::string& sentence) {
    return {Errc::bad_argument, "/sim/faults/" + std::to_string(number) + ": " + sentence};
}

Result<PlannedFault> read_one(const Json& object, std::size_t number) {
    PlannedFault fault;
    if (!object.is_object()) return mistake(number, "expected an object");
    for (const auto& [key, value] : object.items()) {
        if (!value.is_string()) return mistake(number, key + ": expected a text");
        const auto text = value.get<std::string>();
        if (key == "at") {
            const auto at = parse_duration(text);
            if (!at || *at < Duration::zero())
                return mistake(number, "at: expected a span of time such as \"10s\"");
            fault.at = *at;
        } else if (key == "node") {
            fault.node = text;
        } else if (key == "node_down" || key == "node_up" || key == "crash") {
            if (!fault.what.empty()) return mistake(number, "either " + fault.what + " or " + key);
            fault.what = key;
            (key == "crash" ? fault.process : fault.node) = text;
        } else {
            return mistake(number, key + " is unknown; known: at, crash, node, node_down, node_up");
        }
    }
    if (!object.contains("at")) return mistake(number, "at: required");
    if (fault.what.empty()) return mistake(number, "needs node_down, node_up or crash");
    if (fault.node.empty()) return mistake(number, "node: required");
    return fault;
}

std::string base_name(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

void crash(World& world, const PlannedFault& fault) {
    Node* const node = world.node(fault.node);
    if (node == nullptr || !node->up) return;
    std::vector<int> ids;
    for (const auto& [id, process] : node->processes)
        if (!process->ended && !process->arguments.empty() &&
            base_name(process->arguments[0]) == fault.process)
            ids.push_back(id);
    for (const int id : ids)
        if (Process* const process = node->find(id); process != nullptr) world.signal(*process, SIGKILL);
}

void perform(ModelRuntime& runtime, const PlannedFault& fault) {
    if (fault.what == "crash") return crash(runtime.world(), fault);
    const Node* const node = runtime.world().node(fault.node);
    if (node == nullptr || node->up == (fault.what == "node_up")) return;
    // As a call of the past: the plan is not to be written down once more.
    static_cast<void>(
        runtime.repeat({{"op", fault.what == "node_up" ? "start" : "stop"}, {"name", fault.node}})
    );
}

}  // namespace

Result<std::vector<PlannedFault>> read_planned_faults(const Json& list) {
    if (!list.is_array()) return Error{Errc::bad_argument, "/sim/faults: expected a list"};
    std::vector<PlannedFault> faults;
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto one = read_one(list[i], i);
        if (!one) return one.error();
        faults.push_back(std::move(*one));
    }
    return faults;
}

void plan_faults(ModelRuntime& runtime, const std::vector<PlannedFault>& faults) {
    World& world = runtime.world();
    for (const PlannedFault& each : faults)
        world.timeline().at(world.options().epoch + each.at, [&runtime, each] { perform(runtime, each); });
}

}  // namespace csim::model
