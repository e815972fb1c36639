// Source: the reference's simulator_controller plugin.
#include "wire/reports/simulator_controller.hpp"

#include "fakes/plugins/plugin.hpp"
#include "wire/body_of.hpp"

namespace csim {

PluginReport simulator_controller_report(ReportScope&) {
    static const Body nothing =
        Body::of<SimulatorControllerReport>(std::make_shared<const SimulatorControllerReport>());
    return {{nothing}};
}

}  // namespace csim
