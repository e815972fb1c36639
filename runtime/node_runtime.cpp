#include "runtime/node_runtime.hpp"

namespace csim {

void NodeRuntime::create_all(std::vector<NodeSpec> specs, Duration limit, EachAnswer answer) {
    for (NodeSpec& spec : specs) {
        const std::string name = spec.name;
        create(std::move(spec), limit, [name, answer](NodeResult<Done> result) {
            answer(name, std::move(result));
        });
    }
}

void NodeRuntime::start_all(std::vector<std::string> names, Duration limit, EachAnswer answer) {
    for (const std::string& name : names)
        start(name, limit, [name, answer](NodeResult<Done> result) { answer(name, std::move(result)); });
}

void NodeRuntime::stop_all(
    std::vector<std::string> names, Duration grace, Duration limit, EachAnswer answer
) {
    for (const std::string& name : names)
        stop(name, grace, limit, [name, answer](NodeResult<Done> result) {
            answer(name, std::move(result));
        });
}

void NodeRuntime::destroy_all(std::vector<std::string> names, Duration limit, EachAnswer answer) {
    for (const std::string& name : names)
        destroy(name, limit, [name, answer](NodeResult<Done> result) { answer(name, std::move(result)); });
}

}  // namespace csim
