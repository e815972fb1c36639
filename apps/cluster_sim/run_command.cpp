// `cluster-sim run`: a registered cluster comes back to life.
#include "apps/cluster_sim/serving.hpp"

#include <iostream>

namespace csim {

int run_command(const CommonOptions& common, const ServeOptions& options) {
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
    });
}

}  // namespace csim
