// `cluster-sim run`: a registered cluster comes back to life.
#include "apps/cluster_sim/live_scenario.hpp"

#include <iostream>
#include <optional>

namespace csim {

int run_command(const CommonOptions& common, const ServeOptions& options) {
    std::optional<LiveScenario> scenario;
    if (!options.scenario.empty()) scenario.emplace(options.scenario);
    Serving serving(common, options);
    return serving.run([&] {
        const std::size_t nodes = serving.simulator().world().node_count();
        const std::size_t registered = serving.simulator().credentials().count();
        std::cerr << "cluster-sim: running " << registered << " of " << nodes << " nodes under "
                  << serving.manager().text() << "\n";
        if (registered < nodes) {
            std::cerr << "cluster-sim: " << nodes - registered
                      << " are not registered and stay off; 'cluster-sim register' registers them\n";
        }
        serving.simulator().start_all();
        if (scenario) scenario->start(serving);
    });
}

}  // namespace csim
